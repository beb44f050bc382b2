"""Taking in what programs report of their runs: kept as it came, folded by when it happened."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from app.bulk import allocate, insert_rows, select_in
from app.changes.actor import Actor
from app.driver import bound
from app.jobs.actions.settling import Folded, settle
from app.jobs.actions.taking import EventDraft, Reported, Taking
from app.jobs.models import Event
from app.jobs.progress.fold import Fold, Report, refold
from app.jobs.progress.words import Noun
from app.jobs.queries import tracking as queries
from app.jobs.reads.tracked import Tracked
from app.jobs.times import micros

MOST_AT_ONCE = 1_000
COLUMNS = tuple(column.key for column in Event.__table__.columns)
KNOWN = (
    Event.id, Event.run, Event.event_id, Event.wire_kind, Event.step, Event.name, Event.fraction, Event.progress,
    Event.event_metadata, Event.flags, Event.occurred_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bundle:
    """Events of one run from one sender."""

    one: Tracked
    drafts: Sequence[EventDraft]
    actor: Actor
    noun: Noun = "own"


def report(
    session: Session, one: Tracked, drafts: Sequence[EventDraft], actor: Actor, *, noun: Noun = "own"
) -> list[Reported]:
    """Take in events of a run, each by itself: a refused one leaves the others. Flushes.

    The run comes from ``reads.tracked`` in this transaction. An event of a known ``event_id`` writes nothing. What it
    costs does not hang on how many came before: six statements and one for each level of parents.
    """
    return report_all(session, [Bundle(one, drafts, actor, noun)])[0]


def report_all(session: Session, bundles: Sequence[Bundle]) -> list[list[Reported]]:
    """Take in events of many runs as ``report`` does, in the statements of one; no run comes in two bundles.

    Raises Refused 409 when one of the runs is of OpenLineage.
    """
    takings = [Taking(session, bundle.one, bundle.noun) for bundle in bundles]
    _know(session, takings, [draft.event_id for bundle in bundles for draft in bundle.drafts if draft.event_id])
    found = [[taking.take(draft) for draft in bundle.drafts] for taking, bundle in zip(takings, bundles, strict=True)]
    _write(session, takings)
    settle(session, [_folded(taking, bundle.actor) for taking, bundle in zip(takings, bundles, strict=True)])
    return found


def update_event(
    session: Session, one: Tracked, event: Event, draft: EventDraft, actor: Actor, *, noun: Noun = "job"
) -> Event:
    """Let an event of a run be of another kind: a new row stands in its place, the old one stays in the history.

    Only ``kind`` and ``metadata`` of the draft count. Flushes. Raises Refused 422 as ``report`` does.
    """
    taking = Taking(session, one, noun)
    same = replace(
        draft, step=event.step, name=event.name, occurred_at=None, event_id=None,
        reason=draft.reason, fraction=None, progress=None,
    )  # fmt: skip
    row, said = taking.read(same)
    row.updates = event.updates if event.updates is not None else event.id
    taking.keep(row, said)
    _write(session, [taking])
    rows = list(session.scalars(queries.all_events(one.run.number)))
    settle(session, [Folded(one, refolded(rows), taking.reports, taking.plan, actor, every_step=True)])
    return row


def refolded(rows: Sequence[Event]) -> Fold:
    """Return the fold of all events of an attempt in the order of their sequence."""
    sequences = {row.id: row.sequence for row in rows}
    return refold(as_report(row, sequences.get(row.updates or 0)) for row in rows)


def as_report(row: Event, replaces: int | None = None) -> Report:
    """Return an event as the fold takes it; ``replaces`` is the sequence of the one it stands in for."""
    return Report(
        at=micros(row.occurred_at), sequence=row.sequence, kind=row.kind, state=row.state, step=row.step,
        fraction=row.fraction, progress=row.progress, ends=row.ends, reason=row.reason, by=row.by,
        metadata=row.event_metadata, replaces=replaces,
    )  # fmt: skip


def end(session: Session, one: Tracked, status: str, reason: str | None, actor: Actor, *, wire: str) -> Event:
    """Add an explicit end to a run: completed, failed or cancelled. Flushes."""
    taking = Taking(session, one)
    now = micros(taking.now)
    known_end = taking.fold.end
    # The newest end decides, also against one of a program whose clock is ahead.
    at = max(now, known_end.place[0]) if known_end is not None else now
    state = "completed" if status == "completed" else None
    said = Report(
        at=at, sequence=taking.sequence + 1, kind="complete", state=state, ends=status, reason=reason,
        by=actor.name[:100],
    )  # fmt: skip
    row = taking.row(EventDraft(wire), said)
    row.by = actor.name[:100]
    taking.keep(row, said)
    taking.fold.add(said)
    _write(session, [taking])
    settle(session, [_folded(taking, actor)])
    return row


def _folded(taking: Taking, actor: Actor) -> Folded:
    return Folded(taking.one, taking.fold, taking.reports, taking.plan, actor)


def _know(session: Session, takings: Sequence[Taking], event_ids: Sequence[str]) -> None:
    """Find the events that came before."""
    asked = {text for text in event_ids if "\x00" not in text}
    if not asked:
        return
    by_run = {taking.one.run.number: taking for taking in takings}
    realm_id = takings[0].one.run.realm_id
    extra = f"AND run IN ({', '.join(f'{number:d}' for number in by_run)})"
    for row in select_in(session, KNOWN, realm_id, Event.event_id, asked, extra):
        by_run[row.run].known[row.event_id] = row


def _write(session: Session, takings: Sequence[Taking]) -> None:
    new = [event for taking in takings for event in taking.new]
    if not new:
        return
    connection = bound(session)
    numbers = allocate(connection, Event.__table__, len(new))
    for event, number in zip(new, numbers, strict=True):
        event.id = number
    insert_rows(connection, Event.__table__, [{name: getattr(event, name) for name in COLUMNS} for event in new])


__all__ = ["MOST_AT_ONCE", "Bundle", "EventDraft", "Reported", "end", "report", "report_all", "update_event"]
