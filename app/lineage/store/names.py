"""Names in events -> rows of jobs and datasets."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from app.bulk import Asked, allocate, ask, insert_rows, select_in, update_rows
from app.db import utcnow
from app.driver import bound
from app.jobs.models import Job
from app.lineage.models import Dataset, Storage
from app.lineage.openlineage.parse import Name, name_digest
from app.lineage.openlineage.times import micros, moment
from app.locations.grammar import locate_dataset
from app.locations.upsert import SORT_LENGTH, Gazetteer

ORIGINS = ("named", "derived", "referenced", "declared", "reported", "tracked")
Index = dict[str, list[Any]]


class Entity(msgspec.Struct, eq=False):
    """A job or dataset in hand: its id, its index of current facets, and the columns that change."""

    kind: str
    id: int
    name: Name
    origin: str
    facets: Index
    io_facets: Index
    columns: dict[str, Any]
    is_new: bool = False
    fresh: dict[str, dict[str, Any]] = {}
    touched: bool = False
    changed: set[str] = set()

    def rise(self, origin: str) -> None:
        """Take the stronger of the present and the given origin."""
        if ORIGINS.index(origin) > ORIGINS.index(self.origin):
            self.origin = origin
            self.touched = True
            self.changed.add("origin")

    def put(self, **columns: Any) -> None:
        """Set columns, noticing whether anything changed."""
        for key, value in columns.items():
            if self.columns.get(key) != value:
                self.columns[key] = value
                self.touched = True
                self.changed.add(key)


JOB_COLUMNS = (
    "location_id", "type", "integration", "processing_type", "role", "description", "parent_job_id",
    "static_at", "static_event", "runs", "last_run_at", "last_run", "heartbeat_s", "deadline_s", "due_by", "due_zone",
    "archived_at",
)  # fmt: skip
DATASET_COLUMNS = (
    "format", "type", "alias_for_dataset_id", "pinned", "roles", "description", "lifecycle", "version", "schema_id",
    "schema_at", "last_written_at", "last_written_run", "last_read_at", "quality", "archived_at",
)  # fmt: skip
HEADS: dict[str, tuple[Any, ...]] = {
    "job": (Job.id, Job.digest, Job.origin, Job.facets, *(getattr(Job, name) for name in JOB_COLUMNS)),
    "dataset": (
        Dataset.id, Dataset.digest, Dataset.origin, Dataset.facets, Dataset.io_facets,
        *(getattr(Dataset, name) for name in DATASET_COLUMNS),
    ),
}  # fmt: skip
_TIMES = {"static_at", "schema_at", "last_run_at", "last_written_at", "last_read_at", "archived_at"}


class Names:
    """All jobs and datasets a batch speaks of, found or made."""

    def __init__(self, session: Session, realm_id: int) -> None:
        self.session = session
        self.connection = bound(session)
        self.realm_id = realm_id
        self.jobs: dict[Name, Entity] = {}
        self.job_by_id: dict[int, Entity] = {}
        self.datasets: dict[Name, Entity] = {}
        self.asked: dict[str, Asked] = {}

    def ask(self, jobs: Iterable[Name], datasets: Iterable[Name]) -> None:
        """Send the questions that the first ``load`` of these (or fewer) names waits for."""
        for kind, names in (("job", jobs), ("dataset", datasets)):
            self.asked[kind] = self._ask(kind, {name.digest for name in names})

    def _ask(self, kind: str, digests: Iterable[bytes]) -> Asked:
        model: Any = Job if kind == "job" else Dataset
        return ask(self.connection, HEADS[kind], self.realm_id, model.digest, digests)

    def load(self, jobs: dict[Name, str], datasets: dict[Name, str]) -> None:
        """Find or make the named jobs and datasets; the values are their origins."""
        jobs = {name: origin for name, origin in jobs.items() if self._known(self.jobs, name, origin)}
        datasets = {name: origin for name, origin in datasets.items() if self._known(self.datasets, name, origin)}
        self._load("job", JOB_COLUMNS, jobs, self.jobs)
        self._load("dataset", DATASET_COLUMNS, datasets, self.datasets)
        missing_jobs = [name for name in jobs if name not in self.jobs]
        missing = [name for name in datasets if name not in self.datasets]
        if missing_jobs or missing:
            gazetteer = Gazetteer(self.session, self.realm_id, {name.namespace for name in (*missing_jobs, *missing)})
            places = gazetteer.resolve()
            for entity in self.jobs.values():
                entity.columns["location_id"] = gazetteer.canonical(entity.columns["location_id"])
            self._make_jobs(missing_jobs, jobs, places)
            self._make_datasets(missing, datasets, places)
        self.job_by_id = {entity.id: entity for entity in self.jobs.values()}

    def load_ids(self, ids: set[int]) -> None:
        """Bring in jobs that runs already belong to, by id."""
        missing = ids - self.job_by_id.keys() - {0}
        rows = select_in(self.connection, (Job.namespace, Job.name), self.realm_id, Job.id, missing)
        self.load({Name(*row): ORIGINS[0] for row in rows}, {})

    @staticmethod
    def _known(entities: dict[Name, Entity], name: Name, origin: str) -> bool:
        entity = entities.get(name)
        if entity is not None:
            entity.rise(origin)
        return entity is None

    def _load(
        self,
        kind: str,
        columns: tuple[str, ...],
        wanted: dict[Name, str],
        into: dict[Name, Entity],
    ) -> None:
        by_digest = {name.digest: name for name in wanted}
        asked = self.asked.pop(kind, None) or self._ask(kind, by_digest)
        for row in asked.rows():
            name = by_digest.get(row.digest)
            if name is None:
                continue
            values = {
                key: micros(value) if key in _TIMES and value is not None else value
                for key, value in zip(columns, row[-len(columns) :], strict=True)
            }
            io_facets = msgspec.json.decode(row[4]) if kind == "dataset" else {}
            facets = msgspec.json.decode(row.facets)
            entity = Entity(kind, row.id, name, row.origin, facets, io_facets, values, fresh={})
            entity.rise(wanted[name])
            into[name] = entity

    def _make_jobs(self, missing: list[Name], origins: dict[Name, str], places: dict[str, int]) -> None:
        if not missing:
            return
        connection, rows = self.connection, []
        for id_, name in zip(allocate(connection, Job.__table__, len(missing)), missing, strict=True):
            columns = dict.fromkeys(JOB_COLUMNS) | {"location_id": places[name.namespace], "role": "unit", "runs": 0}
            self.jobs[name] = Entity("job", id_, name, origins[name], {}, {}, columns, is_new=True, fresh={})
            rows.append(self._identity(id_, name, origins[name]) | columns)
        insert_rows(connection, Job.__table__, rows)

    def _identity(self, id_: int, name: Name, origin: str) -> dict[str, Any]:
        return {
            "id": id_,
            "realm_id": self.realm_id,
            "namespace": name.namespace,
            "name": name.name,
            "sort_name": name.name[:SORT_LENGTH],
            "digest": name.digest,
            "origin": origin,
            "facets": "{}",
            "created_at": utcnow(),
        }

    def _make_datasets(self, missing: list[Name], origins: dict[Name, str], places: dict[str, int]) -> None:
        if not missing:
            return
        storages = self._storages(missing, places)
        connection, rows = self.connection, []
        for id_, name in zip(allocate(connection, Dataset.__table__, len(missing)), missing, strict=True):
            columns = {**dict.fromkeys(DATASET_COLUMNS), "pinned": False, "roles": "", "quality": "unknown"}
            self.datasets[name] = Entity("dataset", id_, name, origins[name], {}, {}, columns, is_new=True, fresh={})
            rows.append(
                self._identity(id_, name, origins[name])
                | {"storage_id": storages[name], "label": locate_dataset(*name).label, "io_facets": "{}", **columns}
            )
        insert_rows(connection, Dataset.__table__, rows)

    def _storages(self, names: list[Name], places: dict[str, int]) -> dict[Name, int]:
        keys: dict[Name, tuple[int, str | None]] = {
            name: (places[name.namespace], locate_dataset(*name).storage) for name in names
        }
        digests = {storage_digest(*key): key for key in keys.values()}
        found = {
            row.digest: row.id
            for row in select_in(self.connection, (Storage.id, Storage.digest), self.realm_id, Storage.digest, digests)
        }
        missing = {digest: key for digest, key in digests.items() if digest not in found}
        connection = self.connection
        rows = []
        for id_, (digest, (location, name)) in zip(
            allocate(connection, Storage.__table__, len(missing)), missing.items(), strict=True
        ):
            found[digest] = id_
            rows.append({"id": id_, "realm_id": self.realm_id, "location_id": location, "name": name, "digest": digest})
        insert_rows(connection, Storage.__table__, rows)
        return {name: found[storage_digest(*key)] for name, key in keys.items()}

    def save(self) -> None:
        """Write the changed columns and facet indexes of all entities in hand."""
        self._save(Job.__table__, self.jobs.values())
        self._save(Dataset.__table__, self.datasets.values())

    def _save(self, table: Any, entities: Iterable[Entity]) -> None:
        touched = [entity for entity in entities if entity.touched]
        # Databases rewrite the indexes of every column that is named, so only those that changed are.
        changed = sorted({key for entity in touched for key in entity.changed} - {"origin"})
        rows = []
        for entity in touched:
            row = {
                "id": entity.id,
                "realm_id": self.realm_id,
                "origin": entity.origin,
                "facets": msgspec.json.encode(entity.facets).decode(),
            }
            if entity.kind == "dataset":
                row["io_facets"] = msgspec.json.encode(entity.io_facets).decode()
            for key in changed:
                value = entity.columns[key]
                row[key] = moment(value) if key in _TIMES and value is not None else value
            rows.append(row)
        update_rows(self.connection, table, rows, key="id")


def storage_digest(location: int, name: str | None) -> bytes:
    """Return the identity of a storage within its realm; no name differs from an empty one."""
    return name_digest(str(location), "" if name is None else f"={name}")
