"""What the change log and other slices are told of a run: each transition once per attempt."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import Entry, record_many
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


def tell(session: Session, one: Tracked, before: Before, actor: Actor, *, added: bool = False) -> str:
    """Record what changed in what is shown: transitions once per attempt, else at most one ``run.advanced``.

    ``added`` says that its page has more to show, an event or lines of its log, though the run itself is the same.

    Returns what was told of the attempt so far, for ``RunTracking.told``; flushes.
    An attempt that ends for the first time is signalled by ``run_ended``.
    """
    run, following = one.run, one.following
    if following is None:
        return ""
    told = set(following.told.split())
    fields = _changed(before, run)
    deeds = _deeds(before, run, told)
    if not deeds and (fields or added):
        deeds = ["advanced"]
    label = label_of(one)
    record_many(session, [Entry(f"run.{deed}", "run", run.id, label, fields) for deed in deeds], actor)
    told |= set(deeds) - {"advanced"}
    if RunStatus(run.status).is_final and "ended" not in told:
        told.add("ended")
        run_ended.send(None, session=session, run=run)
    return " ".join(sorted(told))


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
