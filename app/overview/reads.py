"""Everything the overview shows, in a constant number of statements."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.jobs.reads.board import Board, board, nothing
from app.lineage.queries import places
from app.lineage.reads import attention
from app.lineage.reads.attention import Failing, Late
from app.lineage.reads.listed import Listed
from app.overview import queries

DAYS: Final = 30
SHOWN: Final = 8
ORDER: Final = (
    ("completed", "ok"),
    ("failed", "bad"),
    ("cancelled", "off"),
    ("running", "running"),
    ("queued", "waiting"),
)


@dataclass(frozen=True, slots=True)
class Day:
    """One UTC day: runs by status, and what was written."""

    day: date
    runs: dict[str, int]
    rows: int
    bytes: int

    @property
    def parts(self) -> list[tuple[str, int]]:
        """Return (colour token, runs), from the ground of the chart upwards."""
        return [(token, self.runs.get(status, 0)) for status, token in ORDER]


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page shows; ``days`` are the last 30, oldest first."""

    board: Board
    late: Late
    failing: list[Failing]
    recent: list[Listed]
    days: list[Day]

    @property
    def failures(self) -> int:
        """Return how many runs failed within a day."""
        return sum(group.count for group in self.board.failed)

    @property
    def rows_today(self) -> int:
        """Return the rows written today, UTC."""
        return self.days[-1].rows

    @property
    def runs(self) -> int:
        """Return the runs of all days shown."""
        return sum(sum(day.runs.values()) for day in self.days)


def is_empty(session: Session) -> bool:
    """Return whether no event has arrived in the realm yet; one statement."""
    return not any(session.execute(places.sizes()).one())


def overview(session: Session, now: datetime, *, sees_runs: bool = True, sees_data: bool = True) -> Overview:
    """Return the overview; without ``sees_runs`` it tells nothing of runs, without ``sees_data`` nothing of data."""
    since = now.astimezone(UTC).date() - timedelta(days=DAYS - 1)
    return Overview(
        board=board(session) if sees_runs else nothing(),
        late=attention.late(session, now, SHOWN) if sees_data else Late([], 0),
        failing=attention.failing(session, now, SHOWN) if sees_data else [],
        recent=attention.recent(session, now, SHOWN) if sees_data else [],
        days=_days(session, since, sees_runs=sees_runs, sees_data=sees_data),
    )


def _days(session: Session, since: date, *, sees_runs: bool, sees_data: bool) -> list[Day]:
    runs: dict[date, dict[str, int]] = defaultdict(dict)
    begin = datetime(since.year, since.month, since.day, tzinfo=UTC)
    for day, status, number in session.execute(queries.runs_per_day(begin)) if sees_runs else ():
        runs[day if isinstance(day, date) else date.fromisoformat(day)][status] = number
    found = session.execute(queries.written_per_day(since)) if sees_data else ()
    written = {day: (int(rows or 0), int(size or 0)) for day, rows, size in found}
    days = [since + timedelta(days=number) for number in range(DAYS)]
    return [Day(day, runs[day], *written.get(day, (0, 0))) for day in days]
