"""The graph of jobs and datasets around one of them, both ways, as Marquez walks it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select

from app.jobs.models import Job
from app.lineage.marquez import find, ids, io, queries, shapes
from app.lineage.marquez.asked import Ask, Wrong, missing
from app.lineage.marquez.jobs import known
from app.lineage.marquez.said import said
from app.lineage.models import Dataset, Touch

Json = dict[str, Any]
MOST_NODES: Final = 1_000


@dataclass(slots=True)
class Walk:
    """What was reached: jobs with what they read and write now, and canonical datasets; together 1,000 at most."""

    ask: Ask
    jobs: dict[int, io.Io] = field(default_factory=dict)
    datasets: set[int] = field(default_factory=set)
    home: dict[int, int] = field(default_factory=dict)

    @property
    def room(self) -> int:
        """Return how many nodes may still come."""
        return MOST_NODES - len(self.jobs) - len(self.datasets)

    def canonical(self, names: Collection[int]) -> set[int]:
        """Return the canonical datasets behind any names; one statement for those not met before."""
        new = {one for one in names if one not in self.home}
        if new:
            self.home |= {row[0]: row[3] for row in self.ask.session.execute(queries.names(new))}
        return {self.home[one] for one in names if one in self.home}

    def take_jobs(self, jobs: Collection[int], touching: Collection[int] | None = None) -> set[int]:
        """Add jobs and their datasets, only those that now touch ``touching``; return the datasets that are new."""
        current = io.current(self.ask.session, self.ask.realm_id, sorted(jobs))
        self.canonical({one for each in current.values() for one in each.ids})
        fresh: set[int] = set()
        for job, found in sorted(current.items()):
            mine = io.Io({self.home[one] for one in found.inputs}, {self.home[one] for one in found.outputs})
            if self.room <= 0 or (touching is not None and not mine.ids.intersection(touching)):
                continue
            self.jobs[job] = mine
            for one in sorted(mine.ids - self.datasets)[: self.room]:
                self.datasets.add(one)
                fresh.add(one)
        return fresh

    def neighbours(self, datasets: Collection[int]) -> set[int]:
        """Return the jobs not yet taken that ever touched these datasets or are said to; three statements."""
        session = self.ask.session
        names = {row.id for row in session.scalars(queries.group(datasets))}
        ever = select(Touch.job_id).where(Touch.dataset_id.in_(names)).distinct()
        newest = ever.order_by(Touch.job_id.desc()).limit(MOST_NODES)
        found = set(session.scalars(newest))
        for claim in session.scalars(queries.claims_at(names)):
            found.add(claim.to_id if claim.to_kind == "job" else claim.from_id)
        return found - self.jobs.keys()


def around(ask: Ask) -> Json:
    """Answer the graph around ``nodeId``; ``depth`` counts jobs, and each edge has both its ends in the graph."""
    start, depth = _start(ask), ask.depth
    walk = Walk(ask)
    if isinstance(start, Job):
        fresh = walk.take_jobs([start.id])
    else:
        fresh = walk.canonical([start.id])
        walk.datasets |= fresh
    for _ in range(depth):
        if not fresh or walk.room <= 0:
            break
        fresh = walk.take_jobs(walk.neighbours(fresh), touching=fresh)
    return {"graph": _graph(walk)}


def _start(ask: Ask) -> Job | Dataset:
    text = ask.text("nodeId")
    node = ids.node(text)
    if node is None or node.kind == "datasetField":
        raise Wrong(400, f"node ID ({text[:200]}) must start with 'dataset', 'job', or 'run'")
    if node.kind == "run":
        run = find.run(ask, ids.without_version(node.rest))
        owner: Job = ask.session.scalars(queries.jobs_of([run.job_id])).one()
        return owner
    found: Job | Dataset | None = find.node(ask, node)
    if found is None:
        raise missing(node.kind.capitalize(), node.rest)
    return found


def _graph(walk: Walk) -> list[Json]:
    session = walk.ask.session
    jobs = list(session.scalars(queries.jobs_of(walk.jobs))) if walk.jobs else []
    datasets = list(session.scalars(select(Dataset).where(Dataset.id.in_(walk.datasets))))
    about, does = said(session, datasets, whole=False), known(walk.ask, jobs, 1)
    names = {row.id: f"dataset:{row.namespace}:{row.name}" for row in datasets}
    nodes = {names[row.id]: ("DATASET", shapes.dataset_data(row, about[row.id])) for row in datasets}
    edges: set[tuple[str, str]] = set()
    for row in jobs:
        node_id = f"job:{row.namespace}:{row.name}"
        nodes[node_id] = ("JOB", shapes.job_data(row, does[row.id]))
        edges |= {(names[one], node_id) for one in walk.jobs[row.id].inputs if one in names}
        edges |= {(node_id, names[one]) for one in walk.jobs[row.id].outputs if one in names}
    return framed(nodes, edges)


def framed(nodes: dict[str, tuple[str, Json]], edges: Collection[tuple[str, str]]) -> list[Json]:
    """Return nodes in order of their ids, each with the edges that end and begin at it."""
    into: dict[str, list[Json]] = defaultdict(list)
    out: dict[str, list[Json]] = defaultdict(list)
    for origin, destination in sorted(edges):
        edge = {"origin": origin, "destination": destination}
        into[destination].append(edge)
        out[origin].append(edge)
    return [
        {"id": key, "type": type_, "data": data, "inEdges": into[key], "outEdges": out[key]}
        for key, (type_, data) in sorted(nodes.items())
    ]
