"""Facets of jobs and datasets: the newest counts, every content is kept, tags and owners become rows."""

from typing import Any

from sqlalchemy import Connection, delete
from sqlalchemy.orm import Session

from app.bulk import insert_rows, select_in
from app.driver import bound, execute
from app.jobs.models import Facet, FacetBody, Owner, Tag
from app.lineage.openlineage.decode import encode, once, short_digest
from app.lineage.openlineage.extract import text
from app.lineage.openlineage.parse import Event, Facets
from app.lineage.openlineage.times import moment
from app.lineage.store.names import Entity, Names

COUNTED = {"inputStatistics", "outputStatistics"}
PEOPLE = "headwater"


class About:
    """Folds facets of a batch into the indexes of their entities and gathers the rows to write."""

    def __init__(self, session: Session, realm_id: int, names: Names) -> None:
        self.connection = bound(session)
        self.realm_id = realm_id
        self.names = names
        self.history: dict[tuple[str, int, str, bytes], list[Any]] = {}
        self.bodies: dict[bytes, dict[str, Any]] = {}

    def fold(self, events: list[Event]) -> None:
        """Take the facets of all events, in order of arrival, then write history, tags, owners and plain columns."""
        for event in events:
            if event.job is not None and event.job_facets:
                self._observe(self.names.jobs[event.job], event.job_facets, event)
            for ref in event.datasets:
                entity = self.names.datasets[ref.name]
                if ref.facets:
                    self._observe(entity, ref.facets, event)
                if ref.io_facets:
                    self._observe_io(entity, ref.io_facets, event)
                self._role(entity, ref.direction)
        self._derive()
        self._write()

    @staticmethod
    def _role(entity: Entity, role: str) -> None:
        roles = entity.columns["roles"]
        if role not in roles:
            entity.put(roles=",".join(sorted({*roles.split(","), role} - {""})))

    def _observe(self, entity: Entity, facets: Facets, event: Event) -> None:
        for name, body in facets.items():
            self._one(entity, entity.facets, entity.kind, name, body, event)

    def _observe_io(self, entity: Entity, facets: Facets, event: Event) -> None:
        for name, body in facets.items():
            if name in COUNTED:
                before = entity.io_facets.get(name)
                if before is None or event.us >= before[0]:
                    entity.io_facets[name] = [event.us, event.arrival, "", body.get("_deleted") is True]
                    entity.touched = True
            else:
                self._one(entity, entity.io_facets, "dataset_io", name, body, event)

    def _one(
        self, entity: Entity, index: dict[str, list[Any]], kind: str, name: str, body: dict[str, Any], event: Event
    ) -> None:
        deleted = body.get("_deleted") is True
        digest = once(short_digest, body)
        before = index.get(name)
        if before is None or event.us >= before[0]:
            index[name] = [event.us, event.arrival, digest.hex(), deleted]
            entity.touched = True
            if before is not None and before[2] == digest.hex():
                return
            # The end of the content that was current until now stood on the index alone.
            if before is not None:
                self._seen((kind, entity.id, name, bytes.fromhex(before[2])), before[3], before[0])
            entity.fresh[name] = body
        self.bodies[digest] = body
        self._seen((kind, entity.id, name, digest), deleted, event.us)

    def _seen(self, key: tuple[str, int, str, bytes], deleted: bool, us: int) -> None:
        row = self.history.setdefault(key, [deleted, us, us])
        row[1] = min(row[1], us)
        row[2] = max(row[2], us)

    def _derive(self) -> None:
        tagged: list[tuple[Entity, dict[str, Any]]] = []
        owned: list[tuple[Entity, dict[str, Any]]] = []
        for entity in (*self.names.jobs.values(), *self.names.datasets.values()):
            for name, body in entity.fresh.items():
                present = {} if body.get("_deleted") is True else body
                if name == "tags":
                    tagged.append((entity, present))
                elif name == "ownership":
                    owned.append((entity, present))
                elif entity.kind == "job":
                    _job_column(entity, name, present)
                else:
                    _dataset_column(entity, name, present)
        self._replace(Tag, tagged, _tags)
        self._replace(Owner, owned, _owners)

    def _replace(self, model: Any, found: list[tuple[Entity, dict[str, Any]]], read: Any) -> None:
        connection = self.connection
        for kind in ("job", "dataset"):
            old = [entity.id for entity, _ in found if entity.kind == kind and not entity.is_new]
            if old:
                theirs = (model.realm_id == self.realm_id, model.kind == kind, model.entity_id.in_(old))
                execute(connection, delete(model).where(*theirs, model.source != PEOPLE))
        rows = [
            {"realm_id": self.realm_id, "kind": entity.kind, "entity_id": entity.id, **row}
            for entity, body in found
            for row in read(body)
        ]
        insert_rows(connection, model.__table__, rows)

    def _write(self) -> None:
        connection = self.connection
        known = {
            row.digest
            for row in select_in(self.connection, (FacetBody.digest,), self.realm_id, FacetBody.digest, self.bodies)
        }
        new = [digest for digest in self.bodies if digest not in known]
        bodies = [{"realm_id": self.realm_id, "digest": digest, "body": encode(self.bodies[digest])} for digest in new]
        insert_rows(connection, FacetBody.__table__, bodies, conflict=("realm_id", "digest"))
        self._write_history(connection)

    def _write_history(self, connection: Connection) -> None:
        rows = [
            {
                "realm_id": self.realm_id,
                "kind": kind,
                "entity_id": entity_id,
                "name": name,
                "digest": digest,
                "deleted": deleted,
                "first_at": moment(first),
                "last_at": moment(last),
            }
            for (kind, entity_id, name, digest), (deleted, first, last) in sorted(self.history.items())
        ]
        insert_rows(
            connection,
            Facet.__table__,
            rows,
            conflict=("realm_id", "kind", "entity_id", "name", "digest"),
            update="first_at = {least}({table}.first_at, excluded.first_at), "
            "last_at = {greatest}({table}.last_at, excluded.last_at)",
        )


def _job_column(entity: Entity, name: str, body: dict[str, Any]) -> None:
    if name == "documentation":
        entity.put(description=text(body.get("description"), 20_000))
    elif name == "jobType":
        entity.put(
            type=text(body.get("jobType"), 64),
            integration=text(body.get("integration"), 64),
            processing_type=text(body.get("processingType"), 32),
        )


def _dataset_column(entity: Entity, name: str, body: dict[str, Any]) -> None:
    if name == "documentation":
        entity.put(description=text(body.get("description"), 20_000))
    elif name == "storage":
        entity.put(format=text(body.get("fileFormat"), 100) or text(body.get("storageLayer"), 100))
    elif name == "datasetType":
        entity.put(type=text(body.get("datasetType"), 64))
    elif name == "version":
        entity.put(version=text(body.get("datasetVersion"), 4_096))
    elif name == "lifecycleStateChange":
        entity.put(lifecycle=text(body.get("lifecycleStateChange"), 32))


def _tags(body: dict[str, Any]) -> list[dict[str, Any]]:
    items = body.get("tags")
    found = {}
    for item in items if isinstance(items, list) else ():
        key = text(item.get("key")) if isinstance(item, dict) else None
        if key is not None:
            column, value = text(item.get("field"), 4_096), item.get("value")
            row = {"column": column, "key": key, "value": text(str(value), 500) if value is not None else None}
            found[key, column] = row | {"source": text(item.get("source")) or "reported"}
    return list(found.values())


def _owners(body: dict[str, Any]) -> list[dict[str, Any]]:
    items = body.get("owners")
    found = {}
    for item in items if isinstance(items, list) else ():
        name = text(item.get("name")) if isinstance(item, dict) else None
        if name is not None:
            found[name] = {"name": name, "type": text(item.get("type")), "source": "reported"}
    return list(found.values())
