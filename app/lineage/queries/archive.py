"""Statements of things people put away: datasets under all their names, and jobs."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Update, or_, select, update

from app.jobs.models import Job
from app.lineage.models import Dataset
from app.web.keyset import Rows

MODELS: Final[dict[str, Any]] = {"dataset": Dataset, "job": Job}
BACK: Final = {"archived_at": None, "archived_by": None}


def rows(kind: str, ids: Collection[int]) -> Rows:
    """Select datasets or jobs by id."""
    model = MODELS[kind]
    return select(model).where(model.id.in_(ids)).order_by(model.id)


def brought_back(kind: str, realm_id: int, ids: Collection[int]) -> Update:
    """Return the statement that shows things in lists again; of datasets every name of theirs."""
    table = MODELS[kind].__table__
    found = table.c.id.in_(ids)
    if kind == "dataset":
        found = or_(found, table.c.alias_for_dataset_id.in_(ids))
    return update(table).where(table.c.realm_id == realm_id, found).values(BACK)
