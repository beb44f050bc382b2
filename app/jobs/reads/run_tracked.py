"""A tracked run as its page shows it: plan, steps against earlier runs, people, attempts."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy.orm import Session

from app.db import utcnow
from app.jobs.gantt import Gantt, Span, gantt
from app.jobs.models import JobConfiguration, MetadataConfiguration, Run, RunStep, StepConfiguration
from app.jobs.progress.history import Past
from app.jobs.queries import run_parts as queries
from app.jobs.reads.histories import pasts
from app.jobs.reads.run_values import Promise, Value, values
from app.jobs.shown import status
from app.jobs.timing import change, seconds

SPARKS = 20
FEWEST = 3
SHORTEST_GAP = 1.0


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its share of the weights in percent, seconds so far, what is usual, and the values it reported."""

    tag: str
    name: str
    state: str
    share: float | None
    required: bool
    fraction: float | None
    started_at: datetime | None
    ended_at: datetime | None
    seconds: float | None
    median: float | None
    slower: float | None
    spark: list[float]
    values: list[Value]


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of the chart over time: queue or step, the pause before it in seconds, and whether it goes on."""

    label: str
    state: str
    seconds: float | None
    started_at: datetime | None
    pause: float | None = None
    grows: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a family: how it stands, when it was opened, how long it waited and took in seconds."""

    run: Run
    word: str
    opened_at: datetime
    queued: float | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Chart:
    """Rows of the chart and their bars."""

    lanes: list[Lane]
    chart: Gantt

    @property
    def grows(self) -> bool:
        """Return whether any row goes on."""
        return any(lane.grows for lane in self.lanes)


@dataclass(frozen=True, slots=True)
class Tracked:
    """What a tracked run has beyond any run; ``past`` are earlier completed runs, newest first."""

    plan: JobConfiguration | None
    steps: list[Step]
    lanes: Chart
    past: list[Past]
    people: dict[int, str]
    attempts: list[Attempt] = field(default_factory=list)
    attempt_chart: Gantt | None = None

    @property
    def done(self) -> int:
        """Return how many steps are completed."""
        return sum(step.state == "completed" for step in self.steps)


def opened_at(run: Run) -> datetime:
    """Return when a tracked run was opened, which its id tells to the millisecond."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=run.id.int >> 80)


def tracked(session: Session, run: Run, *, private: bool) -> Tracked:
    """Return plan, steps, people and attempts of a tracked run: at most seven statements."""
    now, plan = utcnow(), None
    planned, promised = list[StepConfiguration](), list[MetadataConfiguration]()
    if run.job_configuration_id is not None:
        plan = session.scalar(queries.plan(run.job_configuration_id))
        planned = list(session.scalars(queries.planned(run.job_configuration_id)))
        promised = list(session.scalars(queries.promised(run.job_configuration_id)))
    past = earlier(session, run, plan.major if plan else "")
    found = {step.tag: step for step in session.scalars(queries.steps(run.number))}
    steps = [_step(tag, where, found.get(tag), _Around(promised, past, now, private=private, planned=planned))
             for tag, where in _order(planned, found)]  # fmt: skip
    family = attempts(session, run, now)
    return Tracked(plan, steps, lanes(run, steps, now), past, people(session, run), family, _attempt_chart(family, now))


def earlier(session: Session, run: Run, major: str) -> list[Past]:
    """Return how earlier runs of the job went, newest first: one statement."""
    return [one for one in pasts(session, run.job_id, major) if one.run != run.number]


def people(session: Session, run: Run) -> dict[int, str]:
    """Return names of provider and customer by account: one statement."""
    wanted = [each for each in (run.provider_id, run.customer_id) if each is not None]
    return {row[0]: row[2] or row[1] for row in session.execute(queries.named(wanted))} if wanted else {}


def attempts(session: Session, run: Run, now: datetime) -> list[Attempt]:
    """Return the attempts of a run's family, newest first: one statement, none where there can be no other."""
    if run.external_id is None or run.provider_id is None or (run.attempt == 1 and run.next_attempt is None):
        return []
    return [_attempt(each, now) for each in session.scalars(queries.attempts(run))]


def lanes(run: Run, steps: list[Step], now: datetime) -> Chart:
    """Return the rows over time: queue first, then each step that began, with the pause before it."""
    rows, spans = list[Lane](), list[Span]()
    queue = _attempt(run, now)
    begun = [step for step in steps if step.started_at is not None]
    if queue.queued is not None and queue.queued >= 1 and (begun or run.status == "queued"):
        rows.append(Lane("Queue", "queued", queue.queued, queue.opened_at))
        spans.append(Span(queue.opened_at, queue.opened_at + timedelta(seconds=queue.queued), is_open=False))
    end: datetime | None = None
    for step in sorted(begun, key=lambda each: each.started_at or now):
        at = step.started_at or now
        pause = (at - end).total_seconds() if end is not None else 0.0
        goes_on = step.state == "running" and run.status == "running"
        rows.append(Lane(step.name, step.state, step.seconds, at, pause if pause >= SHORTEST_GAP else None, goes_on))
        spans.append(Span(at, step.ended_at, is_open=goes_on))
        end = max(end or at, step.ended_at or now)
    return Chart(rows, gantt(spans, now))


@dataclass(frozen=True, slots=True)
class _Around:
    promised: list[MetadataConfiguration]
    past: list[Past]
    now: datetime
    private: bool
    planned: list[StepConfiguration]

    def share(self, step: StepConfiguration) -> float | None:
        counted = [each for each in self.planned if each.required] or self.planned
        if step not in counted:
            return None
        weights = {each.id: max(each.points, 0) for each in counted}
        whole = sum(weights.values())
        return 100 * weights[step.id] / whole if whole else 100 / len(counted)


def _order(planned: list[StepConfiguration], found: dict[str, RunStep]) -> list[tuple[str, StepConfiguration | None]]:
    known = {step.tag for step in planned}
    others = [(tag, None) for tag in found if tag not in known]
    return [*((step.tag, step) for step in planned), *others]


def _step(tag: str, step: StepConfiguration | None, found: RunStep | None, around: _Around) -> Step:
    mine = [each for each in around.promised if step is not None and each.step_configuration_id == step.id]
    promises = [Promise(each.name, each.kind, each.units, private=each.private) for each in mine]
    spark = [length for one in around.past[:SPARKS] if (length := one.steps.get(tag)) is not None]
    known = [length for one in around.past if (length := one.steps.get(tag)) is not None]
    usual = median(known) if len(known) >= FEWEST else None
    took = _took(found, around.now)
    return Step(
        tag=tag,
        name=step.name if step is not None else tag,
        state=found.state if found is not None else "pending",
        share=around.share(step) if step is not None else None,
        required=step.required if step is not None else True,
        fraction=found.fraction if found is not None and found.state == "running" else None,
        started_at=found.started_at if found is not None else None,
        ended_at=found.ended_at if found is not None else None,
        seconds=took,
        median=usual,
        slower=change(took, usual) if found is not None and found.ended_at is not None else None,
        spark=spark[::-1],
        values=values(_metadata(found), promises, private=around.private, is_planned=step is not None),
    )


def _metadata(found: RunStep | None) -> dict[str, Any]:
    read = json.loads(found.event_metadata) if found is not None and found.event_metadata else {}
    return read if isinstance(read, dict) else {}


def _took(found: RunStep | None, now: datetime) -> float | None:
    if found is None or found.started_at is None:
        return None
    end = found.ended_at or (now if found.state == "running" else None)
    return max((end - found.started_at).total_seconds(), 0.0) if end is not None else None


def _attempt(run: Run, now: datetime) -> Attempt:
    opened = min(opened_at(run), run.began_at)
    until = run.started_at or run.ended_at or (now if run.status == "queued" else None)
    return Attempt(
        run,
        status(run, now),
        opened,
        (until - opened).total_seconds() if until is not None else None,
        seconds(run, now),
    )


def _attempt_chart(family: list[Attempt], now: datetime) -> Gantt | None:
    spans = [Span(each.opened_at, each.run.ended_at, is_open=each.run.status in ("queued", "running"))
             for each in family]  # fmt: skip
    return gantt(spans, now) if len(family) > 1 else None
