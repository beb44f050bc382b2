"""Tags of datasets, columns and jobs."""

from typing import Any

from sqlalchemy import select

from app.jobs.models import Tag
from app.lineage.marquez import paging
from app.lineage.marquez.asked import Ask

Json = dict[str, Any]


def listed(ask: Ask) -> Json:
    """Answer the tags in use by name; what they mean nobody reports."""
    found = paging.rows(ask, select(Tag.key).distinct().order_by(Tag.key))
    return {"tags": [{"name": key, "description": None} for (key,) in found]}
