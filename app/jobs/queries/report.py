"""Selects of the report: every event of a span of time with its run, job, step and people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.jobs.models import Event, Job, JobConfiguration, Run, StepConfiguration
from app.jobs.queries.sight import TRACKED, Sight, rows

Provider, Customer = aliased(User, name="provider"), aliased(User, name="customer")
Place = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: that happened from ``start`` on and before ``end``; of a tag, of a customer's login."""

    start: datetime | None
    end: datetime
    tag: str = ""
    customer: str = ""


def events(wanted: Wanted, sight: Sight, after: Place | None, limit: int) -> Select[*tuple[Any, ...]]:
    """Select what a line of the report needs, in the order in which things happened, behind a place.

    Columns: event, run, name of the job, version, points and name of the step, login of provider and customer.
    """
    found = (
        select(
            Event, Run, Job.name, JobConfiguration.version, StepConfiguration.points, StepConfiguration.name,
            Provider.name, Customer.name,
        )
        .join(Run, Run.number == Event.run)
        .join(Job, Job.id == Run.job_id)
        .outerjoin(JobConfiguration, JobConfiguration.id == Run.job_configuration_id)
        .outerjoin(StepConfiguration, StepConfiguration.id == Event.step_configuration_id)
        .outerjoin(Provider, Provider.id == Run.provider_id)
        .outerjoin(Customer, Customer.id == Run.customer_id)
        .where(*_conditions(wanted, sight))
        .order_by(Event.occurred_at, Event.id)
        .limit(limit)
    )  # fmt: skip
    return found.where(tuple_(Event.occurred_at, Event.id) > tuple_(*after)) if after is not None else found


def counted(wanted: Wanted, sight: Sight, limit: int) -> Select[int]:
    """Select the ids of the events of the report, at most ``limit``."""
    found = select(Event.id).join(Run, Run.number == Event.run).join(Job, Job.id == Run.job_id)
    found = found.outerjoin(Customer, Customer.id == Run.customer_id) if wanted.customer else found
    return found.where(*_conditions(wanted, sight)).order_by(Event.occurred_at, Event.id).limit(limit)


def _conditions(wanted: Wanted, sight: Sight) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Event.occurred_at < wanted.end, Run.origin == TRACKED, *rows(sight)]
    if wanted.start is not None:
        found.append(Event.occurred_at >= wanted.start)
    if wanted.tag:
        found.append(Job.name == wanted.tag)
    if wanted.customer:
        found.append(Customer.name == wanted.customer)
    return found
