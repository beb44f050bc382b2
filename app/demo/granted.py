"""Who of the story may do what: grants that run, are to come, end soon and are over, and somebody who is blocked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.accounts.actions.users import UserDraft, add_member, create_user
from app.accounts.models import Role, User
from app.accounts.queries import user_named
from app.changes.actor import CLI
from app.db import utcnow
from app.realms.actions import GrantDraft, grant
from app.realms.actions.blocking import deactivate
from app.realms.bundles import expand

BLOCKED: Final = "t.novak"


@dataclass(frozen=True, slots=True)
class Hand:
    """A person, the role or capabilities they were given, and from and until how many days from now."""

    login: str
    name: str
    caps: tuple[str, ...] = ()
    role: str = ""
    begins: int | None = None
    ends: int | None = None


HANDS: Final = (
    Hand("m.okafor", "Mary Okafor", role="steward"),
    Hand("a.silva", "Ana Silva", role="viewer"),
    Hand("t.novak", "Tomas Novak", role="operator"),
    Hand("j.berg", "Jonas Berg, auditor", ("report",), ends=3),
    Hand("l.chen", "Li Chen", role="viewer"),
    # Covers for the administrator while she is away.
    Hand("l.chen", "Li Chen", ("auth",), begins=2, ends=12),
    Hand("r.haas", "Ruth Haas, contractor", ("lineage.write",), ends=-4),
    Hand("r.haas", "Ruth Haas, contractor", ("lineage.read",), ends=40),
)


def give(session: Session) -> None:
    """Let the people of the story in with what they hold, and block one. Flushes, does not commit."""
    now = utcnow()
    for hand in HANDS:
        user = _member(session, hand)
        caps = tuple(expand([hand.role], with_apps=False)) if hand.role else hand.caps
        from_, to = _in(now, hand.begins), _in(now, hand.ends)
        over = to is not None and to <= now
        done = grant(
            session, GrantDraft(user.name, caps, from_=from_, to=None if over else to), actor=CLI, by_root=True
        )
        for row in done.granted if over else ():
            # Nothing is granted into the past; this one was given a month ago.
            row.setat, row.to = now - timedelta(days=31), to
    blocked = session.scalar(user_named(BLOCKED))
    if blocked is not None:
        deactivate(session, blocked, actor=CLI, by_root=True)


def _in(now: datetime, days: int | None) -> datetime | None:
    return None if days is None else now.replace(minute=0, second=0, microsecond=0) + timedelta(days=days)


def _member(session: Session, hand: Hand) -> User:
    user = session.scalar(user_named(hand.login))
    if user is None:
        user = create_user(session, UserDraft(hand.login, hand.name, f"{hand.login}@greenbasket.example"), actor=CLI)
        add_member(session, user, Role.CUSTOMER, actor=CLI)
    return user
