"""Selects for clients of the tracker, in whose eyes every row is of a provider."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select, tuple_

from app.accounts.models import User
from app.jobs.models import Event, JobConfiguration, Run
from app.jobs.queries import plans
from app.jobs.queries.sight import TRACKED, Sight, configurations, rows

MOST = 500
Place = tuple[datetime, int]


def listed(tag: str, version: str, sight: Sight) -> Select[JobConfiguration]:
    """Select plans: those of a tag newest first, else by tag downwards; without ``version`` and tag the latest ones.

    ``version`` is one of them, or ``latest``.
    """
    is_latest = version == "latest" or not (tag or version)
    found = plans.listed(plans.Wanted(tag, versions=not is_latest, archived=True), configurations(sight))
    if version and version != "latest":
        found = found.where(JobConfiguration.version == version)
    return found.with_only_columns(JobConfiguration).order_by(JobConfiguration.tag.desc(), JobConfiguration.id.desc())


def runs(sight: Sight, before: Place | None) -> Select[Run, JobConfiguration, User]:
    """Select (run, plan or None, provider), one more than a page has, that began last: the newest attempt of each."""
    found = (
        select(Run, JobConfiguration, User)
        .outerjoin(JobConfiguration, JobConfiguration.id == Run.job_configuration_id)
        .join(User, User.id == Run.provider_id)
        .where(
            Run.origin == TRACKED, Run.role == "unit", Run.provider_id.is_not(None), Run.next_attempt.is_(None),
            Run.archived_at.is_(None), *rows(sight),
        )
        .order_by(Run.began_at.desc(), Run.number.desc())
        .limit(MOST + 1)
    )  # fmt: skip
    return found.where(tuple_(Run.began_at, Run.number) < tuple_(*before)) if before is not None else found


def events(run: int, before: int | None) -> Select[Event]:
    """Select the newest events of a run, one more than a page has, without those that stand in for others."""
    found = select(Event).where(Event.run == run, Event.updates.is_(None))
    if before is not None:
        found = found.where(Event.sequence < before)
    return found.order_by(Event.sequence.desc()).limit(MOST + 1)


def newest_of(run: int, event_ids: Sequence[int]) -> Select[Event]:
    """Select the newest row that stands in for each of some events."""
    newest = (
        select(func.max(Event.sequence))
        .where(Event.run == run, Event.updates.in_(event_ids))
        .group_by(Event.updates)
        .scalar_subquery()
    )
    return select(Event).where(Event.run == run, Event.sequence.in_(newest))
