"""Whose runs somebody sees, as conditions: the capability gives the page, the role gives the rows."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, select

from app.accounts.models import Role
from app.jobs.models import Job, JobConfiguration, Run
from app.realms.capabilities import Standing
from app.refusal import Problem, Refused

TRACKED = "tracked"


@dataclass(frozen=True, slots=True)
class Sight:
    """What an account sees of runs: ``is_all`` everything, ``reported`` what OpenLineage reports.

    Of tracked runs a provider sees those he issued, a customer those made for him.
    """

    user_id: int
    role: Role | None
    is_all: bool
    reported: bool

    @property
    def is_provider(self) -> bool:
        """Return whether the account speaks for itself as a provider."""
        return self.role == Role.PROVIDER and not self.is_all

    @property
    def is_customer(self) -> bool:
        """Return whether private metadata, keys and other names are kept from the account."""
        return not self.is_all and self.role != Role.PROVIDER

    def shows(self, run: Run) -> bool:
        """Return whether a run is among the rows of the account."""
        if self.is_all or (self.reported and run.origin != TRACKED):
            return True
        if self.role == Role.PROVIDER:
            return run.provider_id == self.user_id
        return self.role == Role.CUSTOMER and run.customer_id == self.user_id


def only_looks() -> Refused:
    """Return the refusal of a customer who would write to a run."""
    words = "Customers see their runs; providers and operators write to them."
    return Refused(Problem("role", words), status=403)


def sight_of(standing: Standing) -> Sight:
    """Return what an account sees of runs; operators, ``report`` and root see all."""
    is_all = standing.role == Role.OPERATOR or standing.holds("report", "root")
    reported = is_all or standing.holds("lineage.read")
    role = Role(standing.role) if standing.role else None
    return Sight(standing.who.user_id, role, is_all=is_all, reported=reported)


EVERYTHING = Sight(0, Role.OPERATOR, is_all=True, reported=True)
"""What commands, the worker and the system see."""


def indexed(sight: Sight) -> list[ColumnElement[bool]]:
    """Return conditions on Run that an index answers; ``further`` returns the others."""
    if sight.is_all or sight.reported:
        return []
    mine = _mine(sight)
    return [mine if mine is not None else false()]


def further(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the conditions on Run that a page of a list looks at row by row."""
    if sight.is_all or not sight.reported:
        return []
    mine = _mine(sight)
    reported = Run.origin != TRACKED
    return [reported if mine is None else or_(reported, mine)]


def rows(sight: Sight) -> list[ColumnElement[bool]]:
    """Return all conditions on Run."""
    return [*indexed(sight), *further(sight)]


def configurations(sight: Sight) -> list[ColumnElement[bool]]:
    """Return conditions on JobConfiguration: providers see their own, customers none."""
    if sight.is_all:
        return []
    if sight.role != Role.PROVIDER:
        return [false()]
    return [JobConfiguration.provider_id == sight.user_id]


def jobs(sight: Sight) -> list[ColumnElement[bool]]:
    """Return conditions on Job: a provider sees the jobs he tracks, a customer those of his runs."""
    if sight.is_all:
        return []
    whose = Run.provider_id if sight.role == Role.PROVIDER else Run.customer_id
    run = select(Run.job_id).where(whose.is_not(None), whose == sight.user_id)
    mine = [Job.id.in_(run)] if sight.role is not None else []
    if sight.role == Role.PROVIDER:
        mine.append(Job.id.in_(select(JobConfiguration.job_id).where(JobConfiguration.provider_id == sight.user_id)))
    reported = [Job.origin != TRACKED] if sight.reported else []
    return [or_(false(), *mine, *reported)]


def _mine(sight: Sight) -> ColumnElement[bool] | None:
    if sight.role == Role.PROVIDER:
        return and_(Run.provider_id.is_not(None), Run.provider_id == sight.user_id)
    if sight.role == Role.CUSTOMER:
        return and_(Run.customer_id.is_not(None), Run.customer_id == sight.user_id)
    return None
