"""Selects on runs: the list, one run with its job, its family, its neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, union
from sqlalchemy.orm import aliased

from app.jobs.models import Job, Run, RunDetail, RunJob, Runner
from app.jobs.queries.sight import EVERYTHING, Sight, further, indexed

SORTS = {"started_at": Run.began_at, "number": Run.number}
BIGGEST = 2**63
NUMBERED = 200
ParentRun = aliased(Run, name="parent")
ParentJob = aliased(Job, name="parent_job")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs a list shows to whom; ``by_number`` is its order."""

    text: str = ""
    status: tuple[str, ...] = ()
    integration: str = ""
    job_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    has_error: bool = False
    parts: bool = False
    referenced: bool = False
    by_number: bool = False
    sight: Sight = EVERYTHING


def runs(wanted: Wanted) -> Select[Run, Job, Run, Job]:
    """Select rows of run, its job, its parent run and the parent's job: only conditions that an index answers."""
    found = (
        select(Run, Job, ParentRun, ParentJob)
        .join(Job, Job.id == Run.job_id)
        .outerjoin(ParentRun, ParentRun.number == Run.parent_run)
        .outerjoin(ParentJob, ParentJob.id == ParentRun.job_id)
        .where(*_indexed(wanted))
    )
    return found.where(Run.number.in_(_named(wanted.text))) if wanted.text.isdigit() else found


def narrower(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the other conditions; a page looks at a limited number of rows for them."""
    pairs = [
        (wanted.text and not wanted.text.isdigit(), _speaks_of(wanted.text)),
        (wanted.status and not _by_status(wanted), Run.status.in_(wanted.status)),
        (wanted.integration, Run.integration == wanted.integration),
        (wanted.by_number and wanted.job_id is not None, Run.job_id == wanted.job_id),
        (wanted.has_error, Run.ended_reason.is_not(None)),
        (wanted.referenced, Run.origin == "referenced"),
        (wanted.by_number and not wanted.parts, Run.role == "unit"),
    ]
    seen = further(wanted.sight)
    return [*(condition for asked, condition in pairs if asked), *seen, *(_begun(wanted) if wanted.by_number else ())]


def _begun(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [Run.began_at >= wanted.since] if wanted.since is not None else []
    return [*found, Run.began_at < wanted.until] if wanted.until is not None else found


def _indexed(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = indexed(wanted.sight)
    if wanted.by_number:
        return found
    if wanted.job_id is not None:
        found.append(Run.job_id == wanted.job_id)
    elif not wanted.parts:
        found.append(Run.role == "unit")
    if _by_status(wanted):
        found.append(Run.status == wanted.status[0])
    return [*found, *_begun(wanted)]


def _by_status(wanted: Wanted) -> bool:
    """Return whether the index on status serves: one status of unit runs, newest first."""
    return len(wanted.status) == 1 and not (wanted.by_number or wanted.parts or wanted.job_id is not None)


def _speaks_of(text: str) -> ColumnElement[bool]:
    columns = (Job.name, Run.name, Run.external_id, Run.reported_id)
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def _named(digits: str) -> Select[int]:
    """Select numbers of runs whose number or external id is exactly ``digits``."""
    number = int(digits) if digits.isascii() and int(digits) < BIGGEST else -1
    by_id = select(Run.number).where(Run.external_id == digits).limit(NUMBERED).subquery()
    both = union(select(Run.number).where(Run.number == number), select(by_id.c.number)).subquery()
    return select(both.c.number)


def run(which: int | UUID) -> Select[Run, Job, Runner, RunDetail]:
    """Select one run by number or id, with its job, engine and details."""
    found = Run.number == which if isinstance(which, int) else Run.id == which
    return (
        select(Run, Job, Runner, RunDetail)
        .join(Job, Job.id == Run.job_id)
        .outerjoin(Runner, Runner.id == Run.runner_id)
        .outerjoin(RunDetail, RunDetail.run == Run.number)
        .where(found)
    )


def run_by_number(number: int) -> Select[UUID]:
    """Select the id of a run."""
    return select(Run.id).where(Run.number == number)


def numbered(numbers: Sequence[int]) -> Select[Run, Job]:
    """Select runs by their numbers, each with its job."""
    return select(Run, Job).join(Job, Job.id == Run.job_id).where(Run.number.in_(numbers))


def children(numbers: Sequence[int], limit: int) -> Select[Run, Job]:
    """Select the runs that name one of ``numbers`` as parent, in order of their start, each with its job."""
    return (
        select(Run, Job)
        .join(Job, Job.id == Run.job_id)
        .where(Run.parent_run.in_(numbers))
        .order_by(Run.began_at, Run.number)
        .limit(limit)
    )


def child_numbers(numbers: Sequence[int], limit: int) -> Select[int]:
    """Select the numbers of runs that name one of ``numbers`` as parent."""
    return select(Run.number).where(Run.parent_run.in_(numbers)).order_by(Run.began_at, Run.number).limit(limit)


def of_job(job_id: int, limit: int, *, before: Run | None = None) -> Select[Run]:
    """Select the newest runs of a job, with ``before`` those that began earlier than that run."""
    found = select(Run).where(Run.job_id == job_id).order_by(Run.began_at.desc(), Run.number.desc()).limit(limit)
    return found.where(Run.began_at < before.began_at) if before is not None else found


def completed_before(run: Run, among: int, ending: str = "") -> Select[Run]:
    """Select the newest completed run of the same job before this one, ``among`` so many runs before it.

    ``ending`` is that of its external id: ``[3]`` is the same mapped task of the run above.
    """
    earlier = [Run.job_id == run.job_id, Run.began_at < run.began_at]
    if ending:
        earlier.append(Run.external_id.endswith(ending, autoescape=True))
    newest = select(Run.number).where(*earlier).order_by(Run.began_at.desc(), Run.number.desc()).limit(among).subquery()
    return (
        select(Run)
        .where(Run.number.in_(select(newest.c.number)), Run.status == "completed")
        .order_by(Run.began_at.desc(), Run.number.desc())
        .limit(1)
    )


def code_of(numbers: Sequence[int]) -> Select[Run, RunDetail, Runner]:
    """Select runs with their details and engine, newest first."""
    return (
        select(Run, RunDetail, Runner)
        .outerjoin(RunDetail, RunDetail.run == Run.number)
        .outerjoin(Runner, Runner.id == Run.runner_id)
        .where(Run.number.in_(numbers))
        .order_by(Run.began_at.desc(), Run.number.desc())
    )


def after(run: Run) -> Select[Run]:
    """Select the next run of the same job."""
    later = (Run.job_id == run.job_id, Run.began_at > run.began_at)
    return select(Run).where(*later).order_by(Run.began_at, Run.number).limit(1)


def names_of(number: int, limit: int = 20) -> Select[Job]:
    """Select the jobs whose names a run carried."""
    return select(Job).join(RunJob, RunJob.job_id == Job.id).where(RunJob.run == number).order_by(Job.id).limit(limit)


def recent(limit: int, *status: str, since: datetime | None = None) -> Select[Run, Job, Run, Job]:
    """Select the newest unit runs in one of the states, each with its job."""
    found = (
        select(Run, Job, ParentRun, ParentJob)
        .join(Job, Job.id == Run.job_id)
        .outerjoin(ParentRun, ParentRun.number == Run.parent_run)
        .outerjoin(ParentJob, ParentJob.id == ParentRun.job_id)
        .where(Run.status.in_(status), Run.role == "unit")
        .order_by(Run.began_at.desc(), Run.number.desc())
        .limit(limit)
    )
    return found.where(Run.began_at >= since) if since else found


def counted(since: Sequence[tuple[str, datetime | None]], most: int) -> Select[*tuple[int, ...]]:
    """Select the number of unit runs of each status, begun since its moment if it has one, counted to ``most``."""
    capped = []
    for status, moment in since:
        one = select(Run.number).where(Run.status == status, Run.role == "unit").limit(most)
        capped.append((one.where(Run.began_at >= moment) if moment is not None else one).subquery())
    return select(*(select(func.count()).select_from(one).scalar_subquery() for one in capped))
