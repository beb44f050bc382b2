"""Selects on runs: the list, one run with its job, its family, its neighbours."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select, union
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.jobs.models import Job, JobConfiguration, Run, RunDetail, RunJob, Runner
from app.jobs.queries.spans import SecondsBetween
from app.jobs.queries.wanted import Wanted, answered

TOOK = SecondsBetween(Run.began_at, func.coalesce(Run.ended_at, Run.last_seen_at))
SORTS = {"started_at": Run.began_at, "number": Run.number, "ended_at": Run.ended_at, "duration": TOOK}
WINDOWED = ("ended_at", "duration")
WINDOW = 4_000
"""No index has these orders: they are those of the newest so many runs that the indexed filters leave."""
BIGGEST = 2**63
NUMBERED = 200
ParentRun = aliased(Run, name="parent")
ParentJob = aliased(Job, name="parent_job")
Provider = aliased(User, name="provider")
Customer = aliased(User, name="customer")


def runs(wanted: Wanted) -> Select[Run, Job, Run, Job, str, str, str, str]:
    """Select run, its job, its parent run, the parent's job, provider, customer, name and version of its plan.

    Only conditions that an index answers.
    """
    plan = JobConfiguration
    found = (
        select(Run, Job, ParentRun, ParentJob, Provider.name, Customer.name, plan.name, plan.version)
        .join(Job, Job.id == Run.job_id)
        .outerjoin(ParentRun, ParentRun.number == Run.parent_run)
        .outerjoin(ParentJob, ParentJob.id == ParentRun.job_id)
        .outerjoin(Provider, Provider.id == Run.provider_id)
        .outerjoin(Customer, Customer.id == Run.customer_id)
        .outerjoin(plan, plan.id == Run.job_configuration_id)
    )
    given = answered(wanted)
    if wanted.text.isdigit():
        given.append(Run.number.in_(_named(wanted.text)))
    if wanted.sort in WINDOWED:
        newest = select(Run.number).where(*given).order_by(Run.began_at.desc(), Run.number.desc()).limit(WINDOW)
        given = [Run.number.in_(newest.correlate(None))]
    return found.where(*given)


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


def job_exists(job_id: int) -> Select[int]:
    """Select the id of a job."""
    return select(Job.id).where(Job.id == job_id)
