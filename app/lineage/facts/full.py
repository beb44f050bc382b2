"""Facts of shape ``full``: the object ``all`` of the development events' facts file, same keys and order."""

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.jobs.models import Owner, Tag
from app.lineage.facts.rows import STATES, Rows, flatten, index_names, instant, unique
from app.lineage.models import Assertion, AssertionResult, RawEvent
from app.lineage.openlineage.extract import UNKNOWN, parent_facet, run_ref

KINDS = {"run": "RunEvent", "job": "JobEvent", "dataset": "DatasetEvent"}


def full(session: Session, realm_id: int) -> dict[str, Any]:
    """Return everything the rows of a realm say; memory grows with the realm."""
    return _Full(session, realm_id).answer()


class _Full:
    def __init__(self, session: Session, realm_id: int) -> None:
        self.rows = Rows(session, realm_id)
        self.io: dict[int, dict[str, set[int]]] = defaultdict(lambda: {"input": set(), "output": set()})
        self.job_io: dict[int, dict[str, set[int]]] = defaultdict(lambda: {"input": set(), "output": set()})
        for row in self.rows.interactions:
            self.io[row.operation][row.direction].add(row.dataset_id)
            self.job_io[row.job_id][row.direction].add(row.dataset_id)
        for claim in self.rows.claims:
            if claim.evidence == "declared":
                is_input = claim.from_kind == "dataset"
                job, dataset = (claim.to_id, claim.from_id) if is_input else (claim.from_id, claim.to_id)
                self.job_io[job]["input" if is_input else "output"].add(dataset)

    def answer(self) -> dict[str, Any]:
        rows = self.rows
        runs = sorted((self._run(r) for r in rows.runs.values() if r.origin == "reported"), key=lambda r: r["runId"])
        edges = {direction: self._edges(direction) for direction in ("input", "output")}
        columns = self._columns({row.id for row in rows.column_sets})
        last = [row[:6] for row in self._columns(self._newest_sets())]
        answer = {
            "counts": self._counts(runs, edges, columns),
            "jobs": self._jobs(),
            "referenced_only_jobs": unique(rows.job(j.id) for j in rows.jobs.values() if j.origin == "referenced"),
            "runs": runs,
            "referenced_only_runs": sorted(r.reported_id for r in rows.runs.values() if r.origin == "referenced"),
            "datasets": self._datasets(),
            "referenced_only_datasets": unique(
                rows.dataset(d.id) for d in rows.datasets.values() if d.origin == "referenced"
            ),
            "symlink_groups": self._groups(),
            "edges": edges,
            "column_lineage": columns,
            "column_lineage_dataset_level": self._dataset_level(),
            "explicit_lineage": self._explicit(),
        }
        if last != [row[:6] for row in columns]:
            answer["column_lineage_last_facet_only"] = last
        return answer

    def _counts(self, runs: list[Any], edges: dict[str, Any], columns: list[Any]) -> dict[str, Any]:
        raw = RawEvent.__table__
        query = (
            select(raw.c.kind, raw.c.event_type, func.count())
            .where(raw.c.realm_id == self.rows.realm_id)
            .group_by(raw.c.kind, raw.c.event_type)
        )
        kinds: Counter[str] = Counter()
        types: Counter[str] = Counter()
        for kind, type_, number in self.rows.session.connection().execute(query):
            kinds[KINDS[kind]] += number
            types[type_ or "(none)" if kind == "run" else f"({KINDS[kind]})"] += number
        states = Counter(run["state"] for run in runs)
        return {
            "events": kinds.total(),
            "kinds": dict(sorted(kinds.items())),
            "types": dict(sorted(types.items())),
            "jobs": sum(job.origin in {"reported", "declared"} for job in self.rows.jobs.values()),
            "runs": len(runs),
            "datasets": sum(dataset.origin == "reported" for dataset in self.rows.datasets.values()),
            "input_edges": len(edges["input"]),
            "output_edges": len(edges["output"]),
            "column_edges": len(columns),
            "states": dict(sorted(states.items())),
        }

    def _jobs(self) -> list[dict[str, Any]]:
        rows, tags, owners = self.rows, self.rows.said(Tag, "job"), self.rows.said(Owner, "job")
        newest: dict[int, Any] = {}
        for run in rows.runs.values():
            for job in rows.run_jobs[run.number]:
                known = newest.get(job)
                if known is None or (run.last_event_at, run.reported_id) > (known.last_event_at, known.reported_id):
                    newest[job] = run
        found = [j for j in rows.jobs.values() if j.origin in {"reported", "declared"}]
        found.sort(key=lambda job: (job.namespace, job.name))
        return [self._job(job, newest.get(job.id), sorted(tags[job.id]), sorted(owners[job.id])) for job in found]

    def _job(self, job: Any, run: Any, tags: list[str], owners: list[str]) -> dict[str, Any]:
        io = self.job_io[job.id]
        return {
            "namespace": job.namespace,
            "name": job.name,
            "runs": job.runs,
            "latest_run": run.reported_id if run is not None else None,
            "latest_state": STATES[run.status] if run is not None else None,
            "static": job.static_at is not None,
            "integration": job.integration,
            "jobType": job.type,
            "processingType": job.processing_type,
            "facets": index_names(job.facets),
            "tags": tags,
            "owners": owners,
            "inputs": len(io["input"]),
            "outputs": len(io["output"]),
            "latest_run_io": [self._names(run, "input"), self._names(run, "output")] if run is not None else None,
        }

    def _names(self, run: Any, direction: str) -> list[Any]:
        return unique(self.rows.dataset(dataset) for dataset in self.io[run.number][direction])

    def _run(self, run: Any) -> dict[str, Any]:
        rows, facets = self.rows, self.rows.facets[run.number]
        parent = parent_facet(facets)
        nominal = facets.get("nominalTime", {})
        return {
            "runId": run.reported_id,
            "state": STATES[run.status],
            "job": rows.job(run.job_id),
            "jobs": unique(rows.job(job) for job in rows.run_jobs[run.number]),
            "events": dict(sorted(rows.events[run.number].items())),
            "started_at": instant(run.started_at),
            "ended_at": instant(run.ended_at),
            "first_event_at": instant(run.first_event_at),
            "last_event_at": instant(run.last_event_at),
            "parent": _reference(parent),
            "root": _reference(parent.get("root")),
            "nominal": [nominal.get("nominalStartTime"), nominal.get("nominalEndTime")] if nominal else None,
            "facets": sorted(
                name
                for name, body in facets.items()
                if not name.startswith("job:") and body.get("_deleted") is not True
            ),
            "inputs": self._names(run, "input"),
            "outputs": self._names(run, "output"),
        }

    def _datasets(self) -> list[dict[str, Any]]:
        rows, tags, owners = self.rows, self.rows.said(Tag, "dataset"), self.rows.said(Owner, "dataset")
        links = defaultdict(list)
        for link in rows.symlinks:
            links[link.dataset_id].append([*rows.dataset(link.other_id), link.type or None])
        checks = self._checks()
        found = [d for d in rows.datasets.values() if d.origin == "reported"]
        found.sort(key=lambda dataset: (dataset.namespace, dataset.name))
        return [
            {
                "namespace": d.namespace,
                "name": d.name,
                "roles": d.roles.split(","),
                "facets": index_names(d.facets),
                "io_facets": index_names(d.io_facets),
                "fields": flatten(rows.schemas[d.schema_id]) if d.schema_id is not None else None,
                "symlinks": unique(links[d.id]),
                "tags": sorted(tags[d.id]),
                "owners": sorted(owners[d.id]),
                "version": d.version,
                "lifecycle": d.lifecycle,
                "assertions": checks.get(d.id),
            }
            for d in found
        ]

    def _checks(self) -> dict[int, list[int]]:
        datasets = {row.id: row.dataset_id for row in self.rows.all(Assertion)}
        by_event: dict[int, dict[tuple[Any, int], list[int]]] = defaultdict(dict)
        for row in self.rows.all(AssertionResult):
            counts = by_event[datasets[row.assertion_id]].setdefault((row.at, row.event), [0, 0])
            counts[0 if row.success else 1] += 1
        return {dataset: events[max(events)] for dataset, events in by_event.items()}

    def _edges(self, direction: str) -> list[Any]:
        rows = self.rows
        return unique(
            [*rows.job(job), *rows.dataset(dataset)] for job, io in self.job_io.items() for dataset in io[direction]
        )

    def _newest_sets(self) -> set[int]:
        newest: dict[Any, Any] = {}
        for row in self.rows.column_sets:
            key = (row.dataset_id, row.job_id)
            known = newest.get(key)
            if known is None or (row.last_at, row.last_event) > (known.last_at, known.last_event):
                newest[key] = row
        return {row.id for row in newest.values()}

    def _columns(self, sets: set[int]) -> list[Any]:
        rows = self.rows
        found: dict[tuple[str | None, ...], set[str]] = defaultdict(set)
        for column_set in rows.column_sets:
            if column_set.id not in sets:
                continue
            for edge in rows.column_edges[column_set.edges_of]:
                if edge.output_column is not None:
                    written = (*rows.dataset(column_set.dataset_id), edge.output_column)
                    key = (*written, *rows.dataset(edge.dataset_id), edge.column)
                    found[key].update(kind for kind in edge.kinds.split(",") if kind not in {"", UNKNOWN})
        return unique([*key, sorted(kinds)] for key, kinds in found.items())

    def _dataset_level(self) -> list[Any]:
        rows = self.rows
        return unique(
            [*rows.dataset(s.dataset_id), *rows.dataset(edge.dataset_id), edge.column]
            for s in rows.column_sets
            for edge in rows.column_edges[s.edges_of]
            if edge.output_column is None
        )

    def _groups(self) -> list[Any]:
        groups = defaultdict(list)
        for dataset in self.rows.datasets.values():
            groups[dataset.alias_for_dataset_id or dataset.id].append([dataset.namespace, dataset.name])
        return unique(sorted(group) for group in groups.values() if len(group) > 1)

    def _explicit(self) -> list[Any]:
        return unique(
            [self._end(c.to_kind, c.to_id, c.to_column), self._end(c.from_kind, c.from_id, c.from_column)]
            for c in self.rows.claims
            if c.evidence == "explicit" and c.from_kind != "none"
        )

    def _end(self, kind: str, id_: int, column: str) -> list[Any]:
        name = self.rows.job(id_) if kind == "job" else self.rows.dataset(id_)
        return [kind.upper(), *name, column or None]


def _reference(item: object) -> list[Any] | None:
    ref = run_ref(item)
    if ref is None or ref.run_id is None:
        return None
    return [ref.run_id, list(ref.job) if ref.job is not None else None]
