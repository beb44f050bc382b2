"""Events as they were taken in."""

from typing import Any

from sqlalchemy import or_, select

from app.jobs.models import Job
from app.lineage.marquez import paging
from app.lineage.marquez.asked import Ask
from app.lineage.models import Dataset, RawEvent
from app.lineage.openlineage.parse import identity
from app.lineage.show import shown_body
from app.web.keyset import Rows

Json = dict[str, Any]


def listed(ask: Ask) -> Json:
    """Answer events by their time, the newest first unless asked; from ``after`` on, up to but without ``before``."""
    return _page(ask, select(RawEvent))


def of_namespace(ask: Ask, namespace: str) -> Json:
    """Answer the events about jobs of a namespace, and those about its datasets alone."""
    name = identity(namespace, "").namespace
    jobs = select(Job.id).where(Job.namespace == name)
    datasets = select(Dataset.id).where(Dataset.namespace == name)
    about = or_(RawEvent.job_id.in_(jobs), RawEvent.job_id.is_(None) & RawEvent.dataset_id.in_(datasets))
    return _page(ask, select(RawEvent).where(about))


def _page(ask: Ask, found: Rows) -> Json:
    before, after = ask.time("before"), ask.time("after")
    if before is not None:
        found = found.where(RawEvent.event_time < before)
    if after is not None:
        found = found.where(RawEvent.event_time >= after)
    down = ask.choice("sortDirection", "DESC", "DESC", "ASC") == "DESC"
    order = (RawEvent.event_time, RawEvent.id)
    ordered = found.with_only_columns(RawEvent.body).order_by(*(each.desc() if down else each for each in order))
    return {
        "events": [shown_body(body) for (body,) in paging.rows(ask, ordered)],
        "totalCount": paging.total(ask, found, RawEvent.id),
    }
