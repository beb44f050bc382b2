"""Follows the change log as far as it is committed, in the order it becomes visible."""

import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.db import unscoped

AT_ONCE: Final = 5_000
# A number is drawn a moment before its transaction gets one; after so many seconds it has surely got it.
DRAWN: Final = 2.0
MOST_GAPS: Final = 50
SNAPSHOT: Final = text("SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint "
                       "FROM pg_current_snapshot() s")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """A committed change: of which realm (None for accounts) and thing, and the number of its row."""

    id: int
    realm_id: int | None
    kind: str
    entity_id: str


@dataclass(slots=True)
class Gap:
    """Numbers that were drawn by a transaction still open when they were missed, or by one that was rolled back."""

    first: int
    last: int
    ended_with: int
    missed_at: float


@dataclass(slots=True)
class Follower:
    """Reads every change once; ``top`` is the highest number read.

    On SQLite there is one writer, so numbers become visible in order. On PostgreSQL a lower one may be committed after
    a higher one: the numbers that were skipped are looked for again until no transaction can still hold them.
    """

    top: int
    gaps: list[Gap] = field(default_factory=list)
    oldest_open: int = 0

    @property
    def base(self) -> int:
        """Return the number up to which nothing can appear any more: from here a reader may go on."""
        return self.gaps[0].first - 1 if self.gaps else self.top

    def read(self, session: Session) -> list[Seen]:
        """Return the changes that became visible since; one statement, on PostgreSQL two while numbers are missing."""
        with unscoped(session, "live pages of every realm follow the one log"):
            rows = [Seen(*row) for row in session.execute(self._wanted())]
        is_postgresql = session.get_bind().dialect.name == "postgresql"
        beyond = [row.id for row in rows if row.id > self.top]
        missed = _missed(self.top, beyond) if is_postgresql else []
        if beyond:
            self.top = beyond[-1]
        if self.gaps or missed:
            self._settle(session, [row.id for row in rows], missed)
        return rows

    def _wanted(self) -> Select[int, int | None, str, str]:
        beyond: ColumnElement[bool] = Change.id > self.top
        within = [and_(Change.id >= gap.first, Change.id <= gap.last) for gap in self.gaps]
        columns = select(Change.id, Change.realm_id, Change.kind, Change.entity_id)
        return columns.where(or_(beyond, *within)).order_by(Change.id).limit(AT_ONCE)

    def _settle(self, session: Session, found: list[int], missed: list[tuple[int, int]]) -> None:
        """Forget numbers that were found or cannot come any more, and remember those missed for the first time."""
        left = [each for gap in self.gaps for each in _without(gap, found)]
        now = time.monotonic()
        kept = [gap for gap in left if gap.ended_with > self.oldest_open or now - gap.missed_at < DRAWN]
        self.oldest_open, newest = session.execute(SNAPSHOT).one()
        kept += [Gap(first, last, newest, now) for first, last in missed]
        self.gaps = _few(sorted(kept, key=lambda gap: gap.first))


def newest(session: Session) -> int:
    """Return a number up to which every change is visible: the newest row's, on PostgreSQL of settled transactions."""
    last = select(func.max(Change.id))
    if session.get_bind().dialect.name == "postgresql":
        settled = Change.txid < text("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        last = select(select(Change.id).where(settled).order_by(Change.id.desc()).limit(1).scalar_subquery())
    with unscoped(session, "the log is one for all realms, and only its number is asked for"):
        return session.scalar(last) or 0


def _missed(top: int, ids: list[int]) -> list[tuple[int, int]]:
    return [(low + 1, high - 1) for low, high in pairwise([top, *ids]) if high > low + 1]


def _without(gap: Gap, found: list[int]) -> list[Gap]:
    inside = [gap.first - 1, *(one for one in found if gap.first <= one <= gap.last), gap.last + 1]
    left = _missed(inside[0], inside[1:])
    return [Gap(first, last, gap.ended_with, gap.missed_at) for first, last in left]


def _few(gaps: list[Gap]) -> list[Gap]:
    """Return at most 50 gaps; beyond that neighbours become one, and what lies between is merely read again."""
    while len(gaps) > MOST_GAPS:
        one, other = gaps[0], gaps[1]
        ended, missed = max(one.ended_with, other.ended_with), max(one.missed_at, other.missed_at)
        gaps = [Gap(one.first, other.last, ended, missed), *gaps[2:]]
    return gaps
