"""Who is blocked, and what they go on holding."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.realms.queries.people import held_by


@dataclass(frozen=True, slots=True)
class Blocked:
    """A blocked account, by whom and since when, and the capabilities it would have again."""

    user: str
    deactby: str
    deactat: datetime
    holds: list[str]


def with_what_they_hold(session: Session, rows: Sequence[Any]) -> list[Blocked]:
    """Return rows of (Deactivated, account) with what each holds: one statement."""
    held: defaultdict[int, list[str]] = defaultdict(list)
    for grant, app in session.execute(held_by([row.user_id for row, _name in rows])):
        held[grant.user_id].append(f"{grant.cap} on {app}" if app else grant.cap)
    return [Blocked(name, row.deactby, row.deactat, held[row.user_id]) for row, name in rows]
