"""Steps of two tracked runs beside each other, and the numbers they reported."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.jobs.difference import Row, beside
from app.jobs.models import Run
from app.jobs.queries import run_parts as queries
from app.jobs.queries.sight import TRACKED, Sight
from app.jobs.reads.compare import Compared
from app.jobs.reads.run_timeline import Names, names


@dataclass(frozen=True, slots=True)
class Side:
    """What one run's steps tell: (state, seconds) and reported values by what people call them."""

    steps: dict[str, tuple[str, float | None]]
    values: dict[str, Any]


def sides(session: Session, compared: Compared, sight: Sight) -> tuple[Side, Side]:
    """Return both sides as somebody sees them: at most three statements each."""
    return _side(session, compared.before.run, sight), _side(session, compared.after.run, sight)


def steps(before: Side, after: Side) -> list[Row]:
    """Return how each step ended and how long it took, matched by name."""
    found = []
    for name in dict.fromkeys((*before.steps, *after.steps)):
        old, new = before.steps.get(name), after.steps.get(name)
        if old is None or new is None:
            found.append(Row(name, old and old[0], new and new[0], "step"))
            continue
        found += [Row(name, old[1], new[1], "duration", "seconds"), Row(name, old[0], new[0], "status")]
    return [row for row in found if row.before is not None or row.after is not None]


def values(before: Side, after: Side) -> list[Row]:
    """Return what steps reported; numbers with how much they grew."""
    rows = beside(before.values, after.values, "value")
    return [Row(row.name, row.before, row.after, row.aspect, "number" if _are_numbers(row) else "") for row in rows]


def _are_numbers(row: Row) -> bool:
    return all(isinstance(each, int | float) and not isinstance(each, bool) for each in (row.before, row.after))


def _side(session: Session, run: Run, sight: Sight) -> Side:
    if run.origin != TRACKED:
        return Side({}, {})
    named = names(session, run, private=not sight.is_customer, people=False)
    rows = list(session.scalars(queries.steps(run.number)))
    told: dict[str, Any] = {}
    for row in rows:
        body = json.loads(row.event_metadata) if row.event_metadata else {}
        told |= _told(row.tag, body if isinstance(body, dict) else {}, named)
    took = {
        named.steps.get(row.tag, row.tag): (
            row.state,
            (row.ended_at - row.started_at).total_seconds() if row.ended_at and row.started_at else None,
        )
        for row in rows
    }
    return Side(took, told)


def _told(tag: str, body: dict[str, Any], named: Names) -> dict[str, Any]:
    hidden = set() if named.private else {each.name for each in named.promises.get(tag, []) if each.private}
    step = named.steps.get(tag, tag)
    return {f"{step}: {name}": value for name, value in body.items() if name not in hidden}
