"""What people held and who was blocked at a past moment: rows that are here still, and those the log keeps whole."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.realms.capabilities import Held

ENDED: Final = ("capgrant.revoked", "capgrant.expired")
REOPENED: Final = ("user.activated", "realm.activated")
MOST: Final = 5_000
"""Rows of the log that are read for one moment; what lies further back than they reach is not told."""

Block = tuple[str, datetime]


@dataclass(frozen=True, slots=True)
class Past:
    """What is gone since a moment but was there then: grants and blocks by login name, and that of the realm."""

    at: datetime
    grants: Mapping[str, list[Held]] = field(default_factory=dict)
    blocks: Mapping[str, Block] = field(default_factory=dict)
    realm: Block | None = None

    def block(self, name: str, now: Block | None) -> Block | None:
        """Return the block of an account then, given the one it has now."""
        return now if now and now[1] <= self.at else self.blocks.get(name)

    def closed(self, now: Block | None) -> Block | None:
        """Return the block of the realm then, given the one it has now."""
        return now if now and now[1] <= self.at else self.realm


def past(session: Session, at: datetime) -> Past:
    """Return what the realm of the session has lost since a moment: two statements."""
    grants: defaultdict[str, list[Held]] = defaultdict(list)
    for row in session.scalars(_since(at, ENDED, ("capgrant",))):
        if row and _time(row["setat"]) <= at:
            held = Held(row["id"], row["cap"], row["app"], _moment(row["from"]), _moment(row["to"]))
            grants[row["user"]].append(held)
    blocks: dict[str, Block] = {}
    realm: Block | None = None
    for row in session.scalars(_since(at, REOPENED, ("user", "realm"))):
        since = _time(row["deactat"]) if row else at
        if row and since <= at and row["user"] is None:
            realm = (row["deactby"], since)
        elif row and since <= at:
            blocks[row["user"]] = (row["deactby"], since)
    return Past(at, grants, blocks, realm)


def _since(at: datetime, verbs: tuple[str, ...], kinds: tuple[str, ...]) -> Select[Any]:
    found = select(Change.row).where(or_(*(Change.kind == kind for kind in kinds)), Change.verb.in_(verbs))
    return found.where(Change.at > at).order_by(Change.at, Change.id).limit(MOST)


def _moment(text: str | None) -> datetime | None:
    return _time(text) if text else None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
