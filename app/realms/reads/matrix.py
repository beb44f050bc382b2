"""Who may do what in the realm at one moment: people by capabilities, at most five statements for a page."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.db import utcnow
from app.realms.capabilities import Held, RealmFacts, Standing, first_failure
from app.realms.models import Deactivated
from app.realms.queries.people import blocks, held_by
from app.realms.reads.past import Past, past
from app.web.guard import Check
from app.web.identity import Identity


@dataclass(frozen=True, slots=True)
class Cell:
    """One capability of one account: whether it is allowed, by which of what is held, and the reason in words."""

    cap: str
    allow: bool
    reason: str
    words: str
    by: str = ""

    @property
    def kind(self) -> str:
        """Return root, granted, implied, closed, blocked or none, by which cells are drawn."""
        if self.allow:
            return "root" if self.by == "root" else "granted" if self.by == self.cap else "implied"
        return {"window_closed": "closed", "capability": "none", "other_app": "none"}.get(self.reason, "blocked")


@dataclass(frozen=True, slots=True)
class Line:
    """What one account may do."""

    user: User
    cells: list[Cell]


def lines(
    realm: RealmFacts, caps: Sequence[str], app: str | None, at: datetime
) -> Callable[[Session, list[User]], list[Line]]:
    """Return what turns accounts of a realm into their lines of the matrix, each cell by the decision function."""

    def prepare(session: Session, users: list[User]) -> list[Line]:
        standings = _standings(session, users, realm, at)
        return [Line(user, [_cell(standings[user.id], cap, app) for cap in caps]) for user in users]

    return prepare


def _standings(session: Session, users: list[User], realm: RealmFacts, at: datetime) -> dict[int, Standing]:
    ids = [user.id for user in users]
    then = past(session, at) if at < utcnow() else Past(at)
    held: defaultdict[int, list[Held]] = defaultdict(
        list, {user.id: [*then.grants.get(user.name, ())] for user in users}
    )
    for row, app in session.execute(held_by(ids)):
        if row.setat <= at:
            held[row.user_id].append(Held(row.id, row.cap, app, row.from_, row.to))
    blocked = {row.user_id: row for row in session.scalars(blocks(ids))}
    return {
        user.id: Standing(
            who=Identity(user.id, user.name, user.display_name, user.active),
            realm=realm,
            at=at,
            is_member=True,
            held=tuple(held[user.id]),
            realm_deactivated=then.closed(_block(blocked.get(None))),
            deactivated=then.block(user.name, _block(blocked.get(user.id))),
        )
        for user in users
    }


def _block(row: Deactivated | None) -> tuple[str, datetime] | None:
    return (row.deactby, row.deactat) if row else None


def _cell(standing: Standing, cap: str, app: str | None) -> Cell:
    checks = standing.explain(cap, app)
    failure = first_failure(checks)
    if failure is not None:
        return Cell(cap, allow=False, reason=failure.reason, words=failure.detail)
    decided: Check = next(line for line in checks if line.check == "grant")
    by = next((held.cap for held in standing.held if held.id == decided.grant), "")
    return Cell(cap, allow=True, reason="allowed", words=decided.detail, by=by)
