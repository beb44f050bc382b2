"""Selects of tags and owners as such: which there are, how often, and who carries one."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, func, literal, select, union
from sqlalchemy.orm import aliased

from app.jobs.models import Job, Owner, Tag
from app.jobs.queries.about import PEOPLE
from app.lineage.models import Dataset
from app.web.keyset import Rows

MODELS: Final[dict[str, tuple[Any, str]]] = {"tag": (Tag, "key"), "owner": (Owner, "name")}
KINDS: Final = ("dataset", "job")
COUNTED: Final = 1_000


def values(what: str, text: str = "") -> tuple[Rows, Any]:
    """Return a selection of (value,) of every tag or owner, found by skipping along the index, and its column."""
    model, name = MODELS[what]
    found = union(*(_skipping(model, name, kind) for kind in KINDS)).subquery("labels")
    column = found.c.value
    query = select(column).where(column.is_not(None))
    return (query.where(column.icontains(text, autoescape=True)) if text else query), column


def _skipping(model: Any, name: str, kind: str) -> Rows:
    column = getattr(model, name)
    walk = select(func.min(column).label("value")).where(model.kind == kind).cte(f"{kind}_labels", recursive=True)
    other = aliased(model)
    further = select(func.min(getattr(other, name))).where(other.kind == kind, getattr(other, name) > walk.c.value)
    step = select(further.correlate(walk).scalar_subquery()).where(walk.c.value.is_not(None))
    return select(walk.union_all(step).c.value)


def counts(what: str, names: Sequence[str]) -> Rows:
    """Select (value, datasets, columns, jobs, added by people) of some values, each counted up to 1,000."""
    model, name = MODELS[what]
    wanted = union(*(select(literal(value, Text).label("value")) for value in names)).subquery()
    column = getattr(model, name)
    whole = model.column.is_(None) if what == "tag" else None
    parts: list[list[ColumnElement[bool]]] = [
        [model.kind == "dataset", *([whole] if whole is not None else [])],
        [model.kind == "dataset", ~whole] if whole is not None else [model.kind == ""],
        [model.kind == "job"],
        [model.kind.in_(KINDS), model.source == PEOPLE],
    ]
    told = (
        select(func.count())
        .select_from(
            select(model.id).where(column == wanted.c.value, *part).correlate(wanted).limit(COUNTED + 1).subquery()
        )
        .scalar_subquery()
        for part in parts
    )
    return select(wanted.c.value, *told)


def carriers(what: str, names: Sequence[str], limit: int) -> Rows:
    """Select the rows of some values, those people added and those systems reported."""
    model, name = MODELS[what]
    return (
        select(model)
        .where(model.kind.in_(KINDS), getattr(model, name).in_(names))
        .order_by(model.kind, model.entity_id, model.id)
        .limit(limit)
    )


def named(kind: str, ids: Sequence[int]) -> Rows:
    """Select (id, name) of datasets or jobs."""
    model: Any = Dataset if kind == "dataset" else Job
    return select(model.id, model.name).where(model.id.in_(ids))


def by_people(what: str, value: str, ids: Sequence[int]) -> Rows:
    """Select the rows of a tag (of the whole) or an owner that people added to some datasets."""
    model, name = MODELS[what]
    whole = [model.column.is_(None)] if what == "tag" else []
    return select(model).where(
        model.kind == "dataset", model.entity_id.in_(ids), getattr(model, name) == value, model.source == PEOPLE, *whole
    )
