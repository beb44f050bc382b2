"""The events of one run on their way: checked one by one, folded, made rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.db import utcnow
from app.jobs.actions.metadata import checked
from app.jobs.actions.texts import line
from app.jobs.models import Event
from app.jobs.progress.fold import Fold, Report
from app.jobs.progress.words import Kind, Noun, read_kind, settled
from app.jobs.reads.plans import Known, known
from app.jobs.reads.tracked import Tracked
from app.jobs.times import maybe_micros, micros, moment
from app.refusal import Problem, Refused

MOST_NAMED = 1_000
LONGEST_REASON = 500
WORDS = "pending, running, step, error, info, complete"
STUDY = "study"
"""Flag of an event whose program speaks of studies: an update of it is read as it was."""


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


class Taking:
    """What comes of a run in one transaction; raises Refused 409 for a run of OpenLineage.

    ``known`` are the events that came before, by their id; ``new`` the rows to be written.
    """

    def __init__(self, session: Session, one: Tracked, noun: Noun = "own") -> None:
        if one.following is None:
            words = "Runs reported by OpenLineage take OpenLineage events."
            raise Refused(Problem("not_tracked", words), status=409)
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

    def take(self, draft: EventDraft) -> Reported:
        """Take in one event, or say why not."""
        before = self.known.get(draft.event_id) if draft.event_id else None
        if before is not None:
            return Reported(before, is_known=True, differs=_differs(before, draft))
        try:
            event, report = self.read(draft)
        except Refused as refusal:
            return Reported(refusal=refusal)
        self.keep(event, report)
        self.fold.add(report)
        if draft.event_id:
            self.known[draft.event_id] = event
        return Reported(event)

    def keep(self, event: Event, report: Report) -> None:
        """Let a row be written and count; the fold is the caller's."""
        self.sequence += 1
        self.new.append(event)
        self.reports.append(report)

    def read(self, draft: EventDraft) -> tuple[Event, Report]:
        """Return what a draft says as a row and as a report; raises Refused 422."""
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
        words = (("clock", was_ahead), ("metadata", misfits), (STUDY, self.noun == STUDY))
        flags = " ".join(word for word, is_set in words if is_set)
        step_id = self.plan.step_ids.get(draft.step or "") if self.plan is not None else None
        return self.row(draft, report, flags, step_id), report

    def row(self, draft: EventDraft, report: Report, flags: str = "", step_id: int | None = None) -> Event:
        """Return the row of a report."""
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
