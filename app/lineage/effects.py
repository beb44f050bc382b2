"""Impact as pages, API and commands show it: the reach of a start, described, judged, narrowed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.lineage.asked import Asked
from app.lineage.graph.model import Question
from app.lineage.graph.reach import impact, onward
from app.lineage.graph.reach.impact import Row
from app.lineage.graph.reach.onward import Spot
from app.lineage.graph.reach.spread import Reach, Step, spread
from app.lineage.reads.listed import groups_of
from app.lineage.reads.rhythm import rhythms

FIELDS: Final[dict[str, Callable[[Row], object]]] = {
    "degree": lambda row: row.degree,
    "kind": lambda row: row.kind,
    "id": lambda row: row.token,
    "namespace": lambda row: row.namespace,
    "name": lambda row: row.name,
    "column": lambda row: row.spot.column or None,
    "via": lambda row: f"{row.via.kind}:{row.via.id}",
    "via_column": lambda row: row.via.column or None,
    "datasets_on_the_way": lambda row: row.datasets,
    "type": lambda row: row.type or None,
    "platform": lambda row: row.platform,
    "location": lambda row: row.location,
    "storage": lambda row: row.storage or None,
    "owners": lambda row: row.owners,
    "tags": lambda row: row.tags,
    "last_activity": lambda row: row.last_at,
    "state": lambda row: row.state,
    "quality": lambda row: row.quality,
}


@dataclass(frozen=True, slots=True)
class Found:
    """The starts as rows, the walk, and every reachable node as a row, sorted.

    ``noise`` counts the nodes left out as noise; what lies behind them is here, so no way ends at a temporary table.
    """

    starts: list[Row]
    reach: Reach[Spot]
    rows: list[Row]
    noise: int = 0

    @property
    def names(self) -> dict[Spot, Row]:
        """Return all rows by their place, the starts included: what ``via`` points to."""
        return {row.spot: row for row in (*self.rows, *self.starts)}


def effects(session: Session, realm_id: int, question: Question, how: str, now: datetime) -> Found:
    """Return everything reachable from the start of a question; NotFound where the realm has no such start."""
    around = onward.lean(session, realm_id, question, now)
    spots = onward.spots(around)
    starts = [Row(spot, 0, 0, spot) for spot in spots]
    impact.described(session, starts)
    if question.column is None:
        step: Step[Spot] = onward.Onward(around, question.direction)
    else:
        step = onward.Columns(around, question.direction, how)
    reach = spread(spots, step)
    rows = impact.rows(session, reach)
    loud = rows if question.noise else [row for row in rows if not around.names.is_noise(onward.key_of(row.spot))]
    return Found(starts, reach, loud, len(rows) - len(loud))


def shown(session: Session, given: Asked, found: Found, now: datetime) -> list[Row]:
    """Return the rows the filters of a URL leave, in order; states are judged first where one is asked for."""
    rows = found.rows
    if given.chosen.get("state"):
        judged(session, rows, now)
    if given.q:
        words = given.q.casefold().split()
        rows = [row for row in rows if all(word in _text(row) for word in words)]
    return impact.narrowed(rows, given.chosen, now)


def judged(session: Session, rows: Iterable[Row], now: datetime) -> None:
    """Fill in the freshness of the datasets among these rows; one statement for each 200 names."""
    datasets: dict[int, list[Row]] = {}
    for row in rows:
        if row.spot.kind == "dataset" and row.state in {"", "dropped"}:
            datasets.setdefault(row.spot.id, []).append(row)
    if not datasets:
        return
    about = groups_of(session, list(datasets))
    dropped = frozenset(home for home, same in datasets.items() if same[0].state == "dropped")
    groups = {home: about[home].ids for home in datasets}
    expected = {home: about[home].expected for home in datasets}
    for home, rhythm in rhythms(session, groups, now, dropped, expected).items():
        for row in datasets[home]:
            row.state = rhythm.fresh.word
            row.since = rhythm.fresh.due_at if rhythm.fresh.is_late else None


def _text(row: Row) -> str:
    return f"{row.namespace} {row.name} {row.spot.column or ''}".casefold()


def chosen_states(rows: Sequence[Row]) -> list[str]:
    """Return the states these rows can have: those of runs that occur, and the words of freshness."""
    runs = {row.state for row in rows if row.spot.kind == "job"}
    words = {"fresh", "late", "streaming", "unknown", "never", "dropped"} if len(rows) > len(runs) else set()
    return sorted(runs | words)
