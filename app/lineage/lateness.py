"""Which datasets became late or recovered since somebody looked last; each is told once in the change log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.changes.actor import SYSTEM
from app.changes.log import Entry, record_many
from app.lineage.models import Dataset, Lateness
from app.lineage.queries import datasets as queries
from app.lineage.reads.listed import groups_of
from app.lineage.reads.rhythm import rhythms
from app.web.keyset import Rows

AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Turn:
    """A dataset that became late (``since`` is when its write was due) or recovered (``late`` is false)."""

    dataset_id: int
    label: str
    late: bool
    since: datetime


def turns(session: Session, now: datetime, after: int = 0, limit: int = AT_ONCE) -> tuple[list[Turn], int | None]:
    """Judge the next datasets by id and return what differs from what is known, and where to go on (None: the end).

    Four statements; changes nothing. Pages judge by themselves when they are read: nothing depends on this.
    """
    names = {row.id: row.name for row in session.execute(queries.next_canonical(after, limit))}
    if not names:
        return [], None
    known = {row.dataset_id: row.since for row in session.scalars(_known(list(names)))}
    about = groups_of(session, list(names))
    wanted = {
        home: group.ids for home, group in about.items() if home in names and (group.written_at or group.expected)
    }
    gone = frozenset(session.scalars(queries.dropped(list(names))))
    expected = {home: about[home].expected for home in wanted}
    verdicts = rhythms(session, wanted, now, gone, expected)
    found = []
    for home, name in names.items():
        fresh = verdicts[home].fresh if home in verdicts else None
        late = fresh is not None and fresh.is_late
        if late != (home in known):
            found.append(Turn(home, name, late, known.get(home) or (fresh.due_at if fresh else None) or now))
    return found, max(names) if len(names) == limit else None


def settle(session: Session, found: Sequence[Turn]) -> list[Turn]:
    """Keep what is late now and log each turn once; returns those nobody else had told. Flushes, does not commit."""
    known = {row.dataset_id for row in session.scalars(_known([turn.dataset_id for turn in found]))}
    new = [turn for turn in found if turn.late != (turn.dataset_id in known)]
    back = [turn.dataset_id for turn in new if not turn.late]
    if back:
        realm_id = session.info["realm_id"]
        session.execute(delete(Lateness).where(Lateness.realm_id == realm_id, Lateness.dataset_id.in_(back)))
    for turn in new:
        if turn.late:
            session.add(Lateness(realm_id=session.info["realm_id"], dataset_id=turn.dataset_id, since=turn.since))
    session.flush()
    record_many(session, [_entry(turn) for turn in new], SYSTEM)
    return new


def _entry(turn: Turn) -> Entry:
    times = (None, turn.since) if turn.late else (turn.since, None)
    return Entry(
        "dataset.late" if turn.late else "dataset.recovered", "dataset", turn.dataset_id, turn.label,
        (("late_since", *times),),
    )  # fmt: skip


def _known(ids: list[int]) -> Rows:
    return select(Lateness).where(Lateness.dataset_id.in_(ids))


def forget_aliases(session: Session) -> None:
    """Drop what is kept of names that became other names of something; not told, their home is judged by itself."""
    realm_id = session.info["realm_id"]
    other = select(Dataset.id).where(Dataset.realm_id == realm_id, Dataset.alias_for_dataset_id.is_not(None))
    session.execute(delete(Lateness).where(Lateness.realm_id == realm_id, Lateness.dataset_id.in_(other)))
