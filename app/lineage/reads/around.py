"""What stands directly around a dataset: its users, and the datasets one step up and down."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.jobs.models import Job
from app.lineage.models import Claim, Dataset
from app.lineage.queries import usage as queries
from app.lineage.reads.names import canonical_names

Step = tuple[int, int | None, str, int, datetime | None, int | None]


@dataclass(slots=True)
class User:
    """A job that reads or writes the dataset; days are UTC. ``both``: it does the one and the other."""

    job: Job
    direction: str
    types: list[str]
    first_day: date
    last_day: date
    runs: int
    rows: int
    bytes: int
    both: bool = False


@dataclass(slots=True)
class Neighbour:
    """A dataset one step away: through which jobs, how, and why we know (operation, explicit, declared)."""

    dataset: Dataset
    jobs: dict[int, Job] = field(default_factory=dict)
    types: set[str] = field(default_factory=set)
    evidence: set[str] = field(default_factory=set)
    runs: int = 0
    last_at: datetime | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """Upstream and downstream, the latest first; ``sourceless``: somebody says that it is made from nothing else."""

    upstream: list[Neighbour]
    downstream: list[Neighbour]
    sourceless: bool = False


def users(session: Session, ids: Sequence[int]) -> list[User]:
    """Return the jobs that read or wrote these datasets, the latest first; one statement, at most 200."""
    found: dict[tuple[int, str], User] = {}
    for row in session.execute(queries.users(ids)):
        job, (runs, rows, size) = row[0], (int(number or 0) for number in row[5:])
        user = found.setdefault(
            (job.id, row.direction), User(job, row.direction, [], row.first_day, row.last_day, 0, 0, 0)
        )
        user.types.append(row.type)
        user.first_day = min(user.first_day, row.first_day)
        user.runs, user.rows, user.bytes = user.runs + runs, user.rows + rows, user.bytes + size
    for (job_id, direction), user in found.items():
        user.both = (job_id, "input" if direction == "output" else "output") in found
    return list(found.values())


def around(session: Session, ids: Sequence[int]) -> Around:
    """Return the direct neighbours of these datasets; two statements, at most three more where something is claimed."""
    steps: dict[str, list[tuple[str, Step]]] = {"up": [], "down": []}
    names: dict[int, Dataset] = {}
    jobs: dict[int, Job] = {}
    for side, type_, runs, last_at, rows, dataset, job in session.execute(queries.neighbours(ids)):
        names[dataset.id], jobs[job.id] = dataset, job
        steps[side].append(("operation", (dataset.id, job.id, type_, runs, last_at, rows)))
    sourceless = _claimed(session, ids, steps)
    found = [step for _, step in (*steps["up"], *steps["down"])]
    names |= canonical_names(session, {step[0] for step in found} - names.keys())
    wanted = sorted({step[1] for step in found if step[1]} - jobs.keys())
    jobs |= {job.id: job for job in session.scalars(queries.jobs(wanted))} if wanted else {}
    mine = set(ids)
    up, down = (_joined(steps[name], names, jobs, mine) for name in ("up", "down"))
    return Around(up, down, sourceless)


def _claimed(session: Session, ids: Sequence[int], steps: dict[str, list[tuple[str, Step]]]) -> bool:
    """Add what is claimed; returns whether it is claimed to have no source."""
    mine, through, sourceless = set(ids), {"up": set[int](), "down": set[int]()}, False
    for claim in session.scalars(queries.claims(ids)):
        inwards = claim.to_kind == "dataset" and claim.to_id in mine
        name = "up" if inwards else "down"
        kind, other = (claim.from_kind, claim.from_id) if inwards else (claim.to_kind, claim.to_id)
        if kind == "dataset":
            job = _source_job(claim)
            steps[name].append((claim.evidence, (other, job, "", 0, claim.last_at, None)))
        elif kind == "job":
            through[name].add(other)
        else:
            sourceless = True
    jobs = through["up"] | through["down"]
    for claim in session.scalars(queries.claims_of_jobs(sorted(jobs))) if jobs else ():
        if claim.from_kind == "dataset" and claim.to_id in through["up"] and claim.to_kind == "job":
            steps["up"].append(("declared", (claim.from_id, claim.to_id, "", 0, claim.last_at, None)))
        elif claim.to_kind == "dataset" and claim.from_id in through["down"] and claim.from_kind == "job":
            steps["down"].append(("declared", (claim.to_id, claim.from_id, "", 0, claim.last_at, None)))
    return sourceless


def _source_job(claim: Claim) -> int | None:
    kind, _, number = claim.source.partition(":")
    return int(number) if kind == "job" else None


def _joined(
    steps: Iterable[tuple[str, Step]], names: dict[int, Dataset], jobs: dict[int, Job], mine: set[int]
) -> list[Neighbour]:
    found: dict[int, Neighbour] = {}
    for evidence, (dataset_id, job_id, type_, runs, last_at, rows) in steps:
        dataset = names.get(dataset_id)
        if dataset is None or dataset.id in mine:
            continue
        one = found.setdefault(dataset.id, Neighbour(dataset))
        one.evidence.add(evidence)
        one.types.update({type_} - {""})
        one.runs += runs
        one.last_at = max(filter(None, (one.last_at, last_at)), default=None)
        one.rows = rows if one.rows is None else one.rows + (rows or 0)
        if job_id in jobs:
            one.jobs[job_id] = jobs[job_id]
    return sorted(found.values(), key=_latest)


def _latest(one: Neighbour) -> tuple[Any, ...]:
    return (-one.last_at.timestamp() if one.last_at else 0, one.dataset.sort_name, one.dataset.id)
