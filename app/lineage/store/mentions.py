"""Which names a batch of events speaks of, and what each says beyond its own inputs and outputs."""

from typing import Any, NamedTuple

from app.lineage.openlineage import extract
from app.lineage.openlineage.decode import once
from app.lineage.openlineage.extract import ClaimRef, ColumnInput, End, RunRef
from app.lineage.openlineage.parse import Event, Name
from app.lineage.store.names import ORIGINS


class Symlinked(NamedTuple):
    """A dataset, its other name, the type of the link, and when it was said (us)."""

    dataset: Name
    other: Name
    type: str
    us: int


class Columns(NamedTuple):
    """Column edges an event reports for one output dataset; a deleted facet has no ``inputs``."""

    dataset: Name
    digest: bytes
    inputs: list[ColumnInput]
    event: Event


class Claimed(NamedTuple):
    """A claimed edge, who said it (a job or dataset), with what evidence, in which event."""

    evidence: str
    source: End
    claim: ClaimRef
    event: Event


class Depends(NamedTuple):
    """Control flow from one job to another."""

    from_: Name
    to: Name
    type: str
    rules: str | None
    us: int


class Mentions:
    """Everything a batch mentions, gathered in one pass in order of arrival."""

    def __init__(self, events: list[Event]) -> None:
        self.jobs: dict[Name, str] = {}
        self.datasets: dict[Name, str] = {}
        self.symlinks: list[Symlinked] = []
        self.columns: list[Columns] = []
        self.claims: list[Claimed] = []
        self.dependencies: list[Depends] = []
        self.parents: dict[bytes, tuple[RunRef | None, RunRef | None]] = {}
        self.sessions: dict[str, RunRef] = {}
        for event in events:
            self._event(event)

    @property
    def refs(self) -> list[RunRef]:
        """Return all references to other runs that name a run."""
        named = [ref for pair in self.parents.values() for ref in pair if ref is not None and ref.run_id]
        return named + list(self.sessions.values())

    def _job(self, name: Name, origin: str) -> None:
        before = self.jobs.get(name)
        if before is None or ORIGINS.index(origin) > ORIGINS.index(before):
            self.jobs[name] = origin

    def _dataset(self, name: Name, origin: str) -> None:
        before = self.datasets.get(name)
        if before is None or ORIGINS.index(origin) > ORIGINS.index(before):
            self.datasets[name] = origin

    def _event(self, event: Event) -> None:
        if event.job is not None:
            self._job(event.job, "declared" if event.kind == "job" else "reported")
            for claim in extract.claims(event.job_facets.get("lineage", extract.EMPTY), End("job", event.job, "")):
                self._claim(Claimed("explicit", End("job", event.job, ""), claim, event))
        if event.run_facets:
            self._run(event)
        for ref in event.datasets:
            self._dataset(ref.name, "reported")
            if ref.facets:
                self._about(ref, event)
            if event.kind == "job" and event.job is not None:
                self._declare(ref, event, event.job)

    def _run(self, event: Event) -> None:
        parent = extract.parent_facet(event.run_facets)
        if parent:
            refs = (extract.run_ref(parent), extract.run_ref(parent.get("root")))
            self.parents[event.digest] = refs
            for ref in refs:
                if ref is not None and ref.job is not None:
                    self._job(ref.job, "referenced")
        session = extract.hive_session(event)
        if session is not None and session.job is not None and event.run_id is not None:
            self._job(session.job, "derived")
            self.sessions[event.run_id] = session
        for from_, to, type_, rules in extract.dependencies(event):
            self._job(from_, "named")
            self._job(to, "named")
            self.dependencies.append(Depends(from_, to, type_, rules, event.us))

    def _about(self, ref: Any, event: Event) -> None:
        for other, type_ in extract.symlinks(ref):
            self._dataset(other, "named")
            self.symlinks.append(Symlinked(ref.name, other, type_, event.us))
        facet = ref.facets.get("columnLineage")
        if facet is not None:
            digest, inputs = once(extract.column_digest, facet), once(extract.column_inputs, facet)
            for item in inputs:
                self._dataset(item.dataset, "referenced")
            self.columns.append(Columns(ref.name, digest, inputs, event))
        owner = End("dataset", ref.name, "")
        for claim in extract.claims(ref.facets.get("lineage", extract.EMPTY), owner):
            self._claim(Claimed("explicit", owner, claim, event))
        previous = extract.previous_name(ref)
        if previous is not None:
            claim = ClaimRef(End("dataset", previous, ""), owner, "")
            self._claim(Claimed("renamed", owner, claim, event))

    def _declare(self, ref: Any, event: Event, job: Name) -> None:
        dataset, owner = End("dataset", ref.name, ""), End("job", job, "")
        claim = ClaimRef(dataset, owner, "") if ref.direction == "input" else ClaimRef(owner, dataset, "")
        self._claim(Claimed("declared", owner, claim, event))

    def _claim(self, claimed: Claimed) -> None:
        origin = "named" if claimed.evidence == "renamed" else "referenced"
        for end in (claimed.claim.source, claimed.claim.target):
            if end.name is not None:
                (self._job if end.kind == "job" else self._dataset)(end.name, origin)
        self.claims.append(claimed)
