"""What a trigger would have sent of late, and why it did not send something."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.db import utcnow
from app.delivery.actors import kind_of
from app.delivery.triggers import Seen, wants

EXAMINED: Final = 1_000
SHOWN: Final = 20
# From less than this no number of a day can be told.
LONG_ENOUGH: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Lately:
    """The newest changes that match; ``a_day`` is how many there are a day, None when that cannot be told."""

    changes: Sequence[Change]
    matched: int
    examined: int
    a_day: float | None


def lately(session: Session, trigger: Mapping[str, Any]) -> Lately:
    """Hold the newest 1,000 changes of the realm against a trigger: one statement."""
    rows = session.scalars(select(Change).order_by(Change.at.desc(), Change.id.desc()).limit(EXAMINED)).all()
    found = [row for row in rows if wants(trigger, seen(row))]
    span = utcnow() - rows[-1].at if rows else timedelta()
    a_day = len(found) / (span / timedelta(days=1)) if span >= LONG_ENOUGH else None
    return Lately(found[:SHOWN], len(found), len(rows), a_day)


def seen(change: Change) -> Seen:
    """Return a change as triggers see it."""
    actors = frozenset({kind_of(change.via)})
    return Seen(change.verb, change.kind, change.entity_id, change.label, change.who, actors, list(change.fields or ()))
