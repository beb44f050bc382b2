"""What a batch leaves in the change log (spec 3.13): once per request and thing, nothing for repeats."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import Entry, record_many
from app.lineage.openlineage.parse import Name
from app.lineage.store.names import Entity, Names
from app.lineage.store.run_state import RunState
from app.lineage.store.runs import Runs

SHOWN = 200


class Trail:
    """Gathers entries; ``write`` logs them in one statement."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session = session
        self.actor = actor
        self.entries: list[Entry] = []

    def names(self, names: Names) -> None:
        """Log jobs and datasets seen for the first time, and datasets that were dropped."""
        for entity in names.jobs.values():
            if entity.is_new and entity.origin != "named":
                self._add("job.created", entity)
        for entity in names.datasets.values():
            if entity.is_new:
                self._add("dataset.created", entity)
            if "lifecycleStateChange" in entity.fresh and entity.columns["lifecycle"] in {"DROP", "RENAME"}:
                verb = "dropped" if entity.columns["lifecycle"] == "DROP" else "renamed"
                self._add(f"dataset.{verb}", entity)

    def returned(self, entities: Iterable[Entity]) -> None:
        """Log archived jobs and datasets that came back."""
        for entity in entities:
            self._add(f"{entity.kind}.restored", entity)

    def schemas(self, names: Names, changed: list[tuple[Name, int | None, int | None]]) -> None:
        """Log schema changes of datasets that had another schema before."""
        for name, before, after in changed:
            if before is not None:
                entity = names.datasets[name]
                fields = (("schema", before, after),)
                self.entries.append(Entry("dataset.schema_changed", "dataset", entity.id, _label(name), fields))

    def merged(self, names: Names, pairs: list[tuple[int, int]]) -> None:
        """Log datasets that turned out to be other names of one."""
        by_id = {entity.id: entity for entity in names.datasets.values()}
        for alias, canonical in pairs:
            label = _label(by_id[alias].name) if alias in by_id else str(alias)
            self.entries.append(Entry("dataset.merged", "dataset", alias, label, (("alias_for", None, canonical),)))

    def failed(self, names: Names, datasets: set[int]) -> None:
        """Log datasets whose assertions began to fail."""
        for entity in names.datasets.values():
            if entity.id in datasets:
                self._add("dataset.quality_failed", entity)

    def runs(self, runs: Runs, names: Names) -> None:
        """Log what became of unit runs."""
        for state in runs.by_number.values():
            if state.row["role"] == "unit" and (state.is_touched or state.row != state.before):
                label = _label(names.job_by_id[state.row["job_id"]].name)
                for verb in _run_verbs(state):
                    self.entries.append(Entry(f"run.{verb}", "run", state.number, label))

    def close(self, runs: Runs, names: Names) -> None:
        """Log what became of unit runs, and write everything gathered."""
        self.runs(runs, names)
        record_many(self.session, self.entries, self.actor)

    def _add(self, verb: str, entity: Entity) -> None:
        self.entries.append(Entry(verb, entity.kind, entity.id, _label(entity.name)))


def _run_verbs(state: RunState) -> list[str]:
    verbs = ["created"] if state.is_new else ["revived"] if state.is_revived else []
    before, after = state.before.get("status", "unknown"), state.row["status"]
    if state.row["started_at"] is not None and state.before.get("started_at") is None:
        verbs.append("started")
    if after != before and after in {"completed", "failed", "cancelled"}:
        verbs.append(after)
    return verbs or (["advanced"] if _has_advanced(state) else [])


def _has_advanced(state: RunState) -> bool:
    """Return whether runs below moved what is shown of a run."""
    shown = ("progress", "step", "progress_kind")
    return state.row["progress_kind"] == "children" and any(state.row[key] != state.before.get(key) for key in shown)


def _label(name: Name) -> str:
    return name.name if len(name.name) <= SHOWN else f"{name.name[: SHOWN - 1]}…"
