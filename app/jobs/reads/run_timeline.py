"""What a run reported, newest first, as its page shows it."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.jobs.models import Event, Run
from app.jobs.progress.fold import Fold
from app.jobs.progress.kept import Place
from app.jobs.queries import run_parts as queries
from app.jobs.reads.run_values import Promise, Value, values
from app.jobs.times import micros
from app.web.keyset import Page, keyset
from app.web.listing import Listing

FIRST = 12
LATE_S = 60.0
SORTS = {"occurred": Event.occurred_at}
TOKENS = {"completed": ("ok", "circle-check"), "running": ("running", "play"), "pending": ("waiting", "circle-dashed"),
          "failed": ("bad", "circle-x"), "cancelled": ("off", "circle-slash")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """An event in words: what it did, its colour and icon, what it carried, and what is special about it."""

    event: Event
    words: str
    token: str
    icon: str
    values: list[Value]
    notes: list[str]
    is_replaced: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The newest events; ``has_more`` when there are older ones."""

    entries: list[Entry]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Names:
    """Names of steps and what they may carry, by tag; ``private`` whether private values are shown.

    ``end`` is the place of the newest explicit end: (time in us, sequence).
    """

    steps: Mapping[str, str]
    promises: Mapping[str, list[Promise]]
    private: bool
    people: bool
    is_planned: bool
    end: Place | None = None


def names(session: Session, run: Run, *, private: bool, people: bool) -> Names:
    """Return what a run's plan calls its steps and values, and where it ended.

    Two statements, none without a plan; one more for a run that has ended.
    """
    end = _end(session, run)
    if run.job_configuration_id is None:
        return Names({}, {}, private, people, is_planned=False, end=end)
    planned = list(session.scalars(queries.planned(run.job_configuration_id)))
    tags = {step.id: step.tag for step in planned}
    promises: dict[str, list[Promise]] = {}
    for each in session.scalars(queries.promised(run.job_configuration_id)):
        promise = Promise(each.name, each.kind, each.units, private=each.private)
        promises.setdefault(tags[each.step_configuration_id], []).append(promise)
    named = {step.tag: step.name for step in planned}
    return Names(named, promises, private, people, is_planned=bool(planned), end=end)


def _end(session: Session, run: Run) -> Place | None:
    kept = session.scalar(queries.tracking(run.number)) if run.ended_at is not None else None
    end = Fold.from_json(kept.fold).end if kept is not None else None
    return end.place if end is not None else None


def newest(session: Session, run: Run, named: Names, limit: int = FIRST, after: int | None = None) -> Timeline:
    """Return the newest events, with ``after`` only those of a higher sequence: two statements."""
    rows = list(session.scalars(queries.newest_events(run.number, limit + 1, after=after)))
    return Timeline(entries(session, rows[:limit], named), len(rows) > limit)


def older(session: Session, run: Run, named: Names, listing: Listing) -> Page[Any]:
    """Return a page of all events of a run: two statements."""
    found = keyset(queries.events(run.number), listing, SORTS, key=Event.sequence, session=session)
    return Page(entries(session, found.rows, named), found.next, found.prev, None, listing)


def entries(session: Session, rows: Iterable[Event], named: Names) -> list[Entry]:
    """Return events in words: one statement, which looks for what stands in for them."""
    events = list(rows)
    gone = set(session.scalars(queries.replaced([event.id for event in events]))) if events else set()
    return [entry(event, named, is_replaced=event.id in gone) for event in events]


def entry(event: Event, named: Names, *, is_replaced: bool = False) -> Entry:
    """Return one event in words."""
    token, icon = _look(event)
    planned = named.is_planned and event.step is not None
    promises = named.promises.get(event.step or "", [])
    shown = values(carried(event, named), promises, private=named.private, is_planned=planned)
    return Entry(event, _words(event, named), token, icon, shown, _notes(event, named), is_replaced)


def _look(event: Event) -> tuple[str, str]:
    if event.ends is not None:
        return TOKENS.get(event.ends, ("neutral", "circle-dot"))
    if event.kind == "error":
        return "bad", "circle-x"
    if event.kind == "info":
        return "neutral", "info"
    return TOKENS.get(event.state or "", ("neutral", "circle-dot"))


def _words(event: Event, named: Names) -> str:
    step = named.steps.get(event.step, event.step) if event.step is not None else None
    if event.ends is not None:
        return f"Run {event.ends}"
    if event.kind == "error":
        return f"{step} failed" if step else "Error"
    if event.kind == "info":
        return f"Info on {step}" if step else "Info"
    said = {"running": "started", "pending": "is waiting"}.get(event.state or "", event.state or "")
    if event.state == "running" and event.fraction is not None:
        said = f"at {event.fraction * 100:.0f} %"
    return f"{step or 'Run'} {said}"


def _notes(event: Event, named: Names) -> list[str]:
    late = (event.received_at - event.occurred_at).total_seconds()
    after_end = named.end is not None and (micros(event.occurred_at), event.sequence) > named.end
    found = [
        ("after the end", after_end),
        ("its clock was ahead", "clock" in event.flags.split()),
        ("a value does not fit the plan", "metadata" in event.flags.split() and named.private),
        ("replaces an earlier event", event.updates is not None),
        ("arrived late", late > LATE_S),
        (f"by {event.by}", named.people and event.by is not None),
    ]
    return [words for words, holds in found if holds]


def fields(named: Names) -> dict[str, Callable[[Event], object]]:
    """Return what an export of events holds, as somebody sees it: metadata with its types, in its order."""
    return {
        "sequence": lambda event: event.sequence,
        "id": lambda event: event.id,
        "event_id": lambda event: event.event_id,
        "kind": lambda event: event.kind,
        "state": lambda event: event.state,
        "step": lambda event: event.step,
        "step_name": lambda event: named.steps.get(event.step or "", event.step),
        "name": lambda event: event.name,
        "fraction": lambda event: event.fraction,
        "metadata": lambda event: carried(event, named),
        "ends": lambda event: event.ends,
        "reason": lambda event: event.reason,
        "occurred_at": lambda event: event.occurred_at,
        "received_at": lambda event: event.received_at,
    }


def carried(event: Event, named: Names) -> dict[str, Any]:
    """Return the metadata of an event as somebody sees it."""
    found = json.loads(event.event_metadata) if event.event_metadata else {}
    private = (
        set() if named.private else {each.name for each in named.promises.get(event.step or "", []) if each.private}
    )
    return {name: value for name, value in found.items() if name not in private} if isinstance(found, dict) else {}
