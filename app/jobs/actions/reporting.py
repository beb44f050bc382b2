"""Taking in what programs report of their runs: kept as it came, folded by when it happened."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.bulk import allocate, insert_rows, select_in
from app.changes.actor import Actor
from app.db import utcnow
from app.driver import bound
from app.jobs.actions.metadata import checked
from app.jobs.actions.settling import settle
from app.jobs.actions.texts import line
from app.jobs.models import Event
from app.jobs.progress.fold import Fold, Report
from app.jobs.progress.words import Kind, Noun, read_kind, settled
from app.jobs.queries import tracking as queries
from app.jobs.reads.plans import Known, known
from app.jobs.reads.tracked import Tracked
from app.jobs.times import maybe_micros, micros, moment
from app.refusal import Problem, Refused

MOST_AT_ONCE = 1_000
MOST_NAMED = 1_000
LONGEST_REASON = 500
COLUMNS = tuple(column.key for column in Event.__table__.columns)
KNOWN = (
    Event.id, Event.event_id, Event.wire_kind, Event.step, Event.name, Event.fraction, Event.progress,
    Event.event_metadata, Event.flags, Event.occurred_at,
)  # fmt: skip
WORDS = "pending, running, step, error, info, complete"


@dataclass(frozen=True, slots=True)
class EventDraft:
    """What a program says: ``kind`` as it spells it, ``fraction`` 0 to 1 of the step, ``progress`` 0 to 100."""

    kind: str
    step: str | None = None
    name: str = ""
    metadata: Mapping[str, Any] | None = None
    fraction: float | None = None
    progress: float | None = None
    occurred_at: datetime | None = None
    event_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """What became of one event: its row, whether it was known before (``differs``: with another body), or a refusal."""

    event: Any = None
    is_known: bool = False
    differs: bool = False
    refusal: Refused | None = None

    @property
    def id(self) -> int | None:
        """Return the number of the event, None when it was refused."""
        return self.event.id if self.event is not None else None


def report(
    session: Session, one: Tracked, drafts: Sequence[EventDraft], actor: Actor, *, noun: Noun = "own"
) -> list[Reported]:
    """Take in events of a run, each by itself: a refused one leaves the others. Flushes.

    The run comes from ``reads.tracked`` in this transaction. An event of a known ``event_id`` writes nothing. What it
    costs does not hang on how many came before: six statements and one for each level of parents.
    """
    taking = _Taking(session, one, noun)
    taking.know([draft.event_id for draft in drafts if draft.event_id])
    found = [taking.take(draft) for draft in drafts]
    _write(session, taking)
    settle(session, one, taking.fold, taking.reports, taking.plan, actor)
    return found


class _Taking:
    """The events of one request on their way."""

    def __init__(self, session: Session, one: Tracked, noun: Noun) -> None:
        if one.following is None:
            words = "Runs reported by OpenLineage take OpenLineage events."
            raise Refused(Problem("not_tracked", words), status=409)
        self.session = session
        self.one = one
        self.following = one.following
        self.noun = noun
        self.now = utcnow()
        self.plan: Known | None = known(session, one.configuration) if one.configuration is not None else None
        self.fold = Fold.from_json(one.following.fold)
        self.sequence = one.following.sequence
        self.known: dict[str, Any] = {}
        self.new: list[Event] = []
        self.reports: list[Report] = []

    def know(self, event_ids: Sequence[str]) -> None:
        """Find the events that came before."""
        run = self.one.run
        extra = f"AND run = {run.number:d}"
        asked = {text for text in event_ids if "\x00" not in text}
        rows = select_in(self.session, KNOWN, run.realm_id, Event.event_id, asked, extra)
        self.known = {row.event_id: row for row in rows}

    def take(self, draft: EventDraft) -> Reported:
        """Take in one event, or say why not."""
        before = self.known.get(draft.event_id) if draft.event_id else None
        if before is not None:
            return Reported(before, is_known=True, differs=_differs(before, draft))
        try:
            event, report = self._read(draft)
        except Refused as refusal:
            return Reported(refusal=refusal)
        self.sequence += 1
        self.new.append(event)
        self.reports.append(report)
        self.fold.add(report)
        if draft.event_id:
            self.known[draft.event_id] = event
        return Reported(event)

    def _read(self, draft: EventDraft) -> tuple[Event, Report]:
        kind = _kind(draft, self.noun)
        self._check(draft)
        step = self.plan.step(draft.step) if self.plan is not None and draft.step is not None else None
        metadata, misfits = checked(draft.metadata, step, self.one.job.metadata_check)
        at, was_ahead = settled(maybe_micros(draft.occurred_at), micros(self.now))
        reason = draft.reason or (draft.name if kind.kind == "error" else None) or None
        report = Report(
            at=at, sequence=self.sequence + 1, kind=kind.kind, state=kind.state, step=draft.step,
            fraction=draft.fraction, progress=draft.progress, ends=kind.ends, reason=reason, metadata=metadata,
        )  # fmt: skip
        flags = " ".join(word for word, is_set in (("clock", was_ahead), ("metadata", misfits)) if is_set)
        step_id = self.plan.step_ids.get(draft.step or "") if self.plan is not None else None
        return self._row(draft, report, flags, step_id), report

    def _row(self, draft: EventDraft, report: Report, flags: str, step_id: int | None) -> Event:
        return Event(
            realm_id=self.one.run.realm_id, run=self.one.run.number, sequence=report.sequence, kind=report.kind,
            state=report.state, wire_kind=draft.kind[:40], name=draft.name, step=draft.step,
            step_configuration_id=step_id, event_metadata=report.metadata, fraction=report.fraction,
            progress=report.progress, ends=report.ends, reason=report.reason, occurred_at=moment(report.at),
            received_at=self.now, event_id=draft.event_id, updates=None, flags=flags, by=None,
        )  # fmt: skip

    def _check(self, draft: EventDraft) -> None:
        line(draft.name, "name", empty=True)
        if draft.event_id is not None:
            line(draft.event_id, "event_id")
        if draft.reason is not None:
            line(draft.reason, "reason", longest=LONGEST_REASON)
        for field, value, most in (("fraction", draft.fraction, 1.0), ("progress", draft.progress, 100.0)):
            if value is not None and not 0.0 <= value <= most:
                raise Refused(Problem("out_of_range", f"Use a number from 0 to {most:g}.", field, str(value)))
        if draft.step is not None:
            self._check_step(draft.step)

    def _check_step(self, tag: str) -> None:
        line(tag, "step")
        plan = self.plan.plan if self.plan is not None else None
        if plan is not None and plan.steps and tag not in self.plan.step_ids:  # type: ignore[union-attr]
            words = f"The plan has no step {tag[:100]}; it has {', '.join(step.tag for step in plan.steps[:20])}."
            raise Refused(Problem("unknown_step", words, "step", tag[:100]))
        if tag not in self.fold.steps and len(self.fold.steps) >= MOST_NAMED:
            raise Refused(Problem("too_many", f"A run names at most {MOST_NAMED:,} steps.", "step", tag[:100]))


def update_event(
    session: Session, one: Tracked, event: Event, draft: EventDraft, actor: Actor, *, noun: Noun = "job"
) -> Event:
    """Let an event of a run be of another kind: a new row stands in its place, the old one stays in the history.

    Only ``kind`` and ``metadata`` of the draft count. Flushes. Raises Refused 422 as ``report`` does.
    """
    taking = _Taking(session, one, noun)
    same = replace(
        draft, step=event.step, name=event.name, occurred_at=None, event_id=None,
        reason=draft.reason, fraction=None, progress=None,
    )  # fmt: skip
    row, report = taking._read(same)  # noqa: SLF001 - one class in two functions
    origin = event.updates if event.updates is not None else event.id
    row.updates = origin
    taking.sequence += 1
    taking.new.append(row)
    taking.reports.append(report)
    _write(session, taking)
    rows = list(session.scalars(queries.all_events(one.run.number)))
    settle(session, one, refolded(rows), taking.reports, taking.plan, actor, every_step=True)
    return row


def refolded(rows: Sequence[Event]) -> Fold:
    """Return the fold of all events of an attempt in the order of their sequence."""
    from app.jobs.progress.fold import refold

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
    taking = _Taking(session, one, "own")
    now = micros(taking.now)
    known_end = taking.fold.end
    # The newest end decides, also against one of a program whose clock is ahead.
    at = max(now, known_end.place[0]) if known_end is not None else now
    state = "completed" if status == "completed" else None
    report = Report(
        at=at,
        sequence=taking.sequence + 1,
        kind="complete",
        state=state,
        ends=status,
        reason=reason,
        by=actor.name[:100],
    )
    row = taking._row(EventDraft(wire), report, "", None)  # noqa: SLF001 - one class in two functions
    row.by = actor.name[:100]
    taking.sequence += 1
    taking.new.append(row)
    taking.reports.append(report)
    taking.fold.add(report)
    _write(session, taking)
    settle(session, one, taking.fold, taking.reports, taking.plan, actor)
    return row


def _write(session: Session, taking: _Taking) -> None:
    if not taking.new:
        return
    connection = bound(session)
    numbers = allocate(connection, Event.__table__, len(taking.new))
    for event, number in zip(taking.new, numbers, strict=True):
        event.id = number
    insert_rows(connection, Event.__table__, [{name: getattr(event, name) for name in COLUMNS} for event in taking.new])


def _kind(draft: EventDraft, noun: Noun) -> Kind:
    found = read_kind(draft.kind, has_step=draft.step is not None, noun=noun, fraction=draft.fraction)
    if found is None:
        raise Refused(Problem("unknown_kind", f"Use one of {WORDS}.", "kind", draft.kind[:100]))
    return found


def _differs(before: Any, draft: EventDraft) -> bool:
    """Return whether an event that came again says something else; what was not said both times is left out."""
    return any(old != new for old, new in _sides(before, draft))


def _sides(before: Any, draft: EventDraft) -> Iterator[tuple[object, object]]:
    import json

    yield before.wire_kind, draft.kind[:40]
    yield before.step, draft.step
    yield before.name, draft.name
    yield before.fraction, draft.fraction
    yield before.progress, draft.progress
    yield json.loads(before.event_metadata or "{}"), dict(draft.metadata or {})
    if draft.occurred_at is not None and "clock" not in before.flags:
        yield before.occurred_at, draft.occurred_at
