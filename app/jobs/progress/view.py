"""The state of an attempt as it is shown: status, progress, times, steps (specification of jobs, 3.4 and 3.5)."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.jobs.progress.kept import MILLION, Kept, Place, StepFold
from app.jobs.progress.plan import Plan, PlannedStep

NEARLY = 99.9
FINAL = frozenset(("completed", "failed", "cancelled"))


@dataclass(frozen=True, slots=True)
class StepView:
    """A step: ``state`` pending, running, completed, failed or None; ``is_done`` once it was completed, for good.

    ``place`` is the (time, sequence) of the report that gave the state. A step that only told of its end is taken to
    have begun when another ended last before, or with the run: ``is_guess``.
    """

    tag: str
    name: str
    position: int
    state: str | None
    place: Place | None
    started_at: int | None
    ended_at: int | None
    is_guess: bool
    fraction: float | None
    is_done: bool
    metadata: str | None


@dataclass(frozen=True, slots=True)
class View:
    """An attempt as a page shows it; ``step`` is the name of the step at work, or of the one that failed.

    ``reached_at`` is when the present progress was first reached; reports placed after ``end_place`` came after the
    end. ``progress_kind`` is steps, reported or None.
    """

    status: str
    progress: float | None
    progress_kind: str | None
    reached_at: int | None
    step: str | None
    started_at: int | None
    ended_at: int | None
    ended_reason: str | None
    ended_by: str | None
    end_place: Place | None
    steps: list[StepView]


def view(kept: Kept, plan: Plan | None = None) -> View:
    """Return what an attempt looks like under a plan; a plan without steps is as none."""
    plan = plan if plan is not None and plan.steps else None
    status = _status(kept, plan)
    ways = points(kept, plan)
    kind = "steps" if plan else "reported" if kept.way is not None or kept.completed is not None else None
    ended_at, reason, by = _ended(kept, plan, status)
    steps = _steps(kept, plan)
    return View(
        status=status,
        progress=ways[-1][0] if ways else 0.0 if plan else None,
        progress_kind=kind,
        reached_at=ways[-1][1] if ways else None,
        step=_at_work(kept, steps, status),
        started_at=kept.began,
        ended_at=ended_at,
        ended_reason=reason,
        ended_by=by,
        end_place=kept.end.place if kept.end else None,
        steps=steps,
    )


def points(kept: Kept, plan: Plan | None = None) -> list[tuple[float, int]]:
    """Return when each value of progress was first reached: [(percent, us)], both rising; empty when none was."""
    plan = plan if plan is not None and plan.steps else None
    moves = _planned_moves(kept, plan) if plan else _reported_moves(kept)
    if kept.completed is not None:
        moves.append((kept.completed, "", MILLION + 1))
    done: dict[str, int] = {}
    weights = plan.weights if plan else {"run": 1}
    whole, ceiling = sum(weights.values()), NEARLY if plan else 100.0
    found: list[tuple[float, int]] = []
    summed = finished = 0
    for at, tag, part in sorted(moves):
        if tag:
            before = done.get(tag, 0)
            done[tag] = max(before, part)
            finished += part > MILLION >= before
            summed += weights[tag] * (min(done[tag], MILLION) - min(before, MILLION))
        is_full = not tag or (plan is not None and finished == len(weights))
        value = 100.0 if is_full else min(summed * 1000 // (whole * MILLION) / 10, ceiling)
        if value > (found[-1][0] if found else 0.0):
            _put(found, value, at)
    return found


def _put(found: list[tuple[float, int]], value: float, at: int) -> None:
    if found and found[-1][1] == at:
        found[-1] = (value, at)
    else:
        found.append((value, at))


def _planned_moves(kept: Kept, plan: Plan) -> list[tuple[int, str, int]]:
    """Return (time, step, part in millionths); a completed step counts a millionth more than one only full."""
    moves = []
    for tag in plan.weights:
        step = kept.steps.get(tag)
        if step is not None:
            moves += [(at, tag, part) for at, part in step.way.moves()]
            moves += [(step.done, tag, MILLION + 1)] if step.done is not None else []
    return moves


def _reported_moves(kept: Kept) -> list[tuple[int, str, int]]:
    return [(at, "run", part) for at, part in kept.way.moves()] if kept.way is not None else []


def _status(kept: Kept, plan: Plan | None) -> str:
    if kept.end is not None:
        return kept.end.what
    if kept.newest is not None and kept.newest.what == "error":
        return "failed"
    if plan is not None and all(_state(kept, step) == "completed" for step in plan.counted):
        return "completed"
    return "running" if kept.newest is not None else "queued"


def _state(kept: Kept, step: PlannedStep) -> str | None:
    found = kept.steps.get(step.tag)
    return found.state if found is not None else None


def _ended(kept: Kept, plan: Plan | None, status: str) -> tuple[int | None, str | None, str | None]:
    said = kept.end or (kept.newest if status == "failed" else None)
    if said is not None:
        return said.at, said.reason, said.by
    if status == "completed" and plan is not None:
        return max(kept.steps[step.tag].at or 0 for step in plan.counted), None, None
    return None, None, None


def _at_work(kept: Kept, steps: Iterable[StepView], status: str) -> str | None:
    if status == "running":
        running = [step for step in steps if step.state == "running" and step.place is not None]
        return max(running, key=lambda step: step.place or (0, 0)).name[:200] if running else None
    if status == "failed" and kept.newest is not None and kept.newest.what == "error":
        names = {step.tag: step.name for step in steps}
        return names[kept.newest.step][:200] if kept.newest.step is not None else None
    return None


def _steps(kept: Kept, plan: Plan | None) -> list[StepView]:
    named = sorted(kept.steps, key=lambda tag: kept.steps[tag].first)
    planned = plan.steps if plan is not None else ()
    known = {step.tag for step in planned}
    listed = [(step.tag, step.name) for step in planned] + [(tag, tag) for tag in named if tag not in known]
    ends = [at for step in kept.steps.values() if (at := _end(step)) is not None]
    return [_step(tag, name, at, kept, ends) for at, (tag, name) in enumerate(listed)]


def _end(step: StepFold) -> int | None:
    return step.at if step.state in {"completed", "failed"} else None


def _step(tag: str, name: str, position: int, kept: Kept, ends: list[int]) -> StepView:
    found = kept.steps.get(tag) or StepFold(first=(0, 0))
    ended, started = _end(found), found.began
    is_guess = started is None and ended is not None
    if is_guess and ended is not None:
        started = max((end for end in ends if end < ended), default=min(kept.began or ended, ended))
    fraction = min(found.way.best, MILLION) / MILLION if found.way.best else None
    return StepView(
        tag=tag,
        name=name,
        position=position,
        state=found.state,
        place=found.place,
        started_at=started,
        ended_at=ended,
        is_guess=is_guess,
        fraction=fraction,
        is_done=found.done is not None,
        metadata=found.metadata,
    )
