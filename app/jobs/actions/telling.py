"""What the change log and other slices are told of a run: each transition once per attempt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import Entry, record_each
from app.changes.values import FieldChange
from app.jobs.models import Run, RunStatus
from app.jobs.reads.tracked import Tracked
from app.jobs.signals import run_ended

VERBS = {
    RunStatus.RUNNING: "started",
    RunStatus.COMPLETED: "completed",
    RunStatus.FAILED: "failed",
    RunStatus.CANCELLED: "cancelled",
}


@dataclass(frozen=True, slots=True)
class Before:
    """What was shown of a run before something came."""

    status: str
    progress: float | None
    step: str | None
    started_at: datetime | None
    eta_at: datetime | None

    @classmethod
    def of(cls, run: Run) -> "Before":
        """Return what is shown of a run."""
        return cls(str(run.status), run.progress, run.step, run.started_at, run.eta_at)


@dataclass(frozen=True, slots=True)
class Telling:
    """A run that may look otherwise than ``before``, by what ``actor`` sent.

    ``added`` says that its page has more to show, an event or lines of its log, though the run itself is the same.
    """

    one: Tracked
    before: Before
    actor: Actor
    added: bool = False


def tell(session: Session, one: Tracked, before: Before, actor: Actor, *, added: bool = False) -> str:
    """Record what changed in what is shown: transitions once per attempt, else at most one ``run.advanced``.

    Returns what was told of the attempt so far, for ``RunTracking.told``; flushes.
    An attempt that ends for the first time is signalled by ``run_ended``.
    """
    found, ended = record_all(session, [Telling(one, before, actor, added=added)])
    signal(session, ended)
    return found[0]


def record_all(session: Session, many: Sequence[Telling]) -> tuple[list[str], list[Run]]:
    """Record what changed in what is shown of several runs, in one statement.

    Returns for each what ``tell`` does, and those that ended for the first time, of which a ``signal`` is due.
    """
    found: list[str] = []
    entries: list[tuple[Entry, Actor]] = []
    ended: list[Run] = []
    for each in many:
        run, following = each.one.run, each.one.following
        told = set(following.told.split()) if following is not None else set()
        if following is not None:
            deeds = _record(each, told)
            entries += [(entry, each.actor) for entry in deeds]
            if RunStatus(run.status).is_final and "ended" not in told:
                told.add("ended")
                ended.append(run)
        found.append(" ".join(sorted(told)))
    record_each(session, entries)
    return found, ended


def signal(session: Session, ended: Sequence[Run]) -> None:
    """Let other slices know of runs that ended."""
    for run in ended:
        run_ended.send(None, session=session, run=run)


def _record(each: Telling, told: set[str]) -> list[Entry]:
    """Return what is to be recorded of a run, and add it to what was told."""
    run = each.one.run
    fields, label = _changed(each.before, run), label_of(each.one)
    deeds = _deeds(each.before, run, told)
    if not deeds and (fields or each.added):
        deeds = ["advanced"]
    told |= set(deeds) - {"advanced"}
    return [Entry(f"run.{deed}", "run", run.id, label, fields) for deed in deeds]


def label_of(one: Tracked) -> str:
    """Return what the change log calls a run."""
    run = one.run
    again = f", attempt {run.attempt}" if (run.attempt or 1) > 1 else ""
    return f"{one.job.name} {run.external_id or run.reported_id}{again}"


def _deeds(before: Before, run: Run, told: set[str]) -> list[str]:
    found = []
    if "stalled" in told and "revived" not in told:
        found.append("revived")
    status = RunStatus(run.status)
    if run.started_at is not None and before.started_at is None and "started" not in told:
        found.append("started")
    if str(status) != before.status and status.is_final and VERBS[status] not in told:
        found.append(VERBS[status])
    return found


def _changed(before: Before, run: Run) -> list[FieldChange]:
    found: list[FieldChange] = []
    if before.status != run.status:
        found.append(("status", before.status, str(run.status)))
    if before.progress != run.progress:
        found.append(("progress", before.progress, run.progress))
    if before.step != run.step:
        found.append(("step", before.step, run.step))
    if run.ended_reason and before.status != run.status:
        found.append(("reason", None, run.ended_reason))
    return found
