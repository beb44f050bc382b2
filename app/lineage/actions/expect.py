"""What people expect of a dataset: how often, by when and with how many rows it is written."""

import re
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import record
from app.changes.values import changed
from app.db import utcnow
from app.jobs.actions.annotate import Target, in_turn
from app.lineage.models import Expectation
from app.lineage.queries import datasets as queries
from app.refusal import Problem, Refused

LEAST_S: Final = 60
MOST_S: Final = int(timedelta(days=400).total_seconds())
MOST_ROWS: Final = 2**53
CLOCK: Final = re.compile("(?:[01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class ExpectationDraft:
    """A write every so many seconds, by ``HH:MM`` in a zone, at least so many rows; each is optional."""

    every_s: int | None = None
    by: str | None = None
    zone: str | None = None
    min_rows: int | None = None


def expect(session: Session, target: Target, draft: ExpectationDraft, actor: Actor) -> bool:
    """Set what is expected of a dataset under all its names; returns whether anything changed. Flushes.

    Raises Refused 422 naming the field: ``every_s`` from a minute to 400 days, ``by`` as HH:MM, ``zone`` an IANA name,
    ``min_rows`` from 1; an empty draft is ``every_s`` required.
    """
    wanted = _checked(draft)
    in_turn(session)
    rows = list(session.scalars(queries.expectations(target.ids)))
    newest = max(rows, key=lambda row: row.set_at, default=None)
    before = _values(newest)
    if before == asdict(wanted):
        return False
    _clear(session, rows)
    session.add(
        Expectation(
            realm_id=session.info["realm_id"], dataset_id=target.id, set_by=actor.name[:100], set_at=utcnow(),
            **asdict(wanted),
        )
    )  # fmt: skip
    _record(session, target, before, asdict(wanted), actor)
    return True


def forget(session: Session, target: Target, actor: Actor) -> bool:
    """Take an expectation back, so that the rhythm decides again; returns whether there was one. Flushes."""
    rows = list(session.scalars(queries.expectations(target.ids)))
    if not rows:
        return False
    before = _values(max(rows, key=lambda row: row.set_at))
    _clear(session, rows)
    _record(session, target, before, asdict(ExpectationDraft()), actor)
    return True


def _clear(session: Session, rows: list[Expectation]) -> None:
    for row in rows:
        session.delete(row)
    session.flush()


def _record(
    session: Session, target: Target, before: dict[str, object], after: dict[str, object], actor: Actor
) -> None:
    fields = changed(before, after)
    record(session, "dataset.expected", target.kind, target.id, target.label, actor, fields=fields)


def _values(row: Expectation | None) -> dict[str, object]:
    names = ("every_s", "by", "zone", "min_rows")
    return {name: getattr(row, name) if row is not None else None for name in names}


def _checked(draft: ExpectationDraft) -> ExpectationDraft:
    problems = list(_problems(draft))
    if problems:
        raise Refused(*problems)
    return ExpectationDraft(
        draft.every_s, draft.by or None, (draft.zone or "UTC") if draft.by else None, draft.min_rows
    )


def _problems(draft: ExpectationDraft) -> list[Problem]:
    found = []
    if draft.every_s is None and not draft.by and draft.min_rows is None:
        found.append(Problem("required", "Say how often, by when, or how many rows.", "every_s"))
    if draft.every_s is not None and not LEAST_S <= draft.every_s <= MOST_S:
        found.append(Problem("out_of_range", "Use a minute to 400 days.", "every_s", draft.every_s))
    if draft.by and not CLOCK.fullmatch(draft.by):
        found.append(Problem("bad_time", "Use a time of day such as 06:30.", "by", draft.by[:100]))
    if draft.zone and draft.zone not in _zones():
        found.append(Problem("unknown_zone", "Use a time zone such as Europe/Berlin.", "zone", draft.zone[:100]))
    if draft.min_rows is not None and not 1 <= draft.min_rows <= MOST_ROWS:
        found.append(Problem("out_of_range", "Use a whole number from 1.", "min_rows", draft.min_rows))
    return found


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
