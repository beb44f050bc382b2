"""Ends of runs: told by the program, asked for, forced by a person, or taken out of sight."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import record
from app.db import utcnow
from app.jobs.actions import pulse, reporting
from app.jobs.actions.following import put
from app.jobs.actions.telling import Before, label_of, tell
from app.jobs.actions.texts import some_lines
from app.jobs.models import Run, RunStatus
from app.jobs.queries import tracking as queries
from app.jobs.reads.tracked import Tracked, numbered
from app.refusal import Problem, Refused

ENDS = ("completed", "failed", "cancelled")
LONGEST = 500
MOST_CHILDREN, MOST_LEVELS = 300, 4
STALE = "This run has ended already."


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a wish to cancel: ``cancelled`` at once or ``requested`` of the program, likewise ``children``."""

    outcome: str
    children: int = 0


def complete(session: Session, one: Tracked, status: str, reason: str | None, actor: Actor) -> None:
    """End a run as its program says; the newest explicit end decides. Flushes.

    Raises Refused: 422 (fields ``status``, ``reason``), 409 for a run of OpenLineage.
    """
    _end(session, one, status, reason, actor, "completion")


def force_end(
    session: Session, one: Tracked, status: str, reason: str | None, actor: Actor, *, typed: str = ""
) -> None:
    """End a run by hand; with children only when its number was ``typed``. Flushes.

    Raises Refused: 422 (fields ``status``, ``reason``, ``number``), 409 when it has ended or is of OpenLineage.
    """
    if RunStatus(one.run.status).is_final:
        raise Refused(Problem("final", STALE), status=409)
    has_children = session.scalar(queries.open_children([one.run.number], 1)) is not None
    if has_children and typed.strip() != str(one.run.number):
        words = f"It has runs below it: type its number, {one.run.number}, to end it by force."
        raise Refused(Problem("confirm", words, "number", typed[:100]))
    _end(session, one, status, reason, actor, "force")


def heartbeat(session: Session, one: Tracked, actor: Actor) -> None:
    """Take in a sign of life. Flushes; tells only of a run that was thought stalled.

    Raises Refused 409 for a run of OpenLineage.
    """
    if one.following is None:
        raise Refused(Problem("not_tracked", "Runs reported by OpenLineage take OpenLineage events."), status=409)
    before = Before.of(one.run)
    pulse.alive(session, one, utcnow())
    session.flush()
    put(session, one.following, told=tell(session, one, before, actor))


def request_cancel(session: Session, one: Tracked, why: str | None, actor: Actor) -> Asked:
    """Cancel what waits; ask the program of what runs, and those below it. Flushes.

    Raises Refused: 409 ``final`` when it has ended, ``not_tracked`` for one of OpenLineage; 422 (field ``why``).
    """
    reason = some_lines(why, "why", LONGEST)
    if one.following is None:
        words = "Runs reported by OpenLineage cannot be cancelled from here; a silent one can be dismissed."
        raise Refused(Problem("not_tracked", words), status=409)
    if RunStatus(one.run.status).is_final:
        raise Refused(Problem("final", STALE), status=409)
    outcome = _ask(session, one, reason, actor)
    return Asked(outcome, _ask_below(session, one, reason, actor))


def dismiss(session: Session, run: Run, label: str, why: str, actor: Actor) -> None:
    """Take a silent run of OpenLineage out of the lists and notices of stalled ones; its state stays. Flushes.

    Raises Refused: 409 when it has ended, was dismissed already or is tracked; 422 (field ``why``) without a reason.
    """
    reason = some_lines(why, "why", LONGEST)
    if reason is None:
        raise Refused(Problem("required", "Say why.", "why"))
    if run.provider_id is not None:
        raise Refused(Problem("tracked", "A tracked run is cancelled, not dismissed."), status=409)
    if RunStatus(run.status).is_final or run.dismissed_at is not None:
        raise Refused(Problem("final", "It has ended or was dismissed already."), status=409)
    run.dismissed_at, run.dismissed_by, run.dismissed_why = utcnow(), actor.name[:100], reason
    session.flush()
    record(session, "run.dismissed", "run", run.id, label, actor, fields=[("why", None, reason)])


def archive(session: Session, run: Run, label: str, actor: Actor) -> None:
    """Take an ended run out of lists. Flushes.

    Raises Refused 409 unless it is a tracked one that has ended and is in the lists; others go by retention.
    """
    if run.provider_id is None:
        raise Refused(
            Problem("not_tracked", "Runs reported by OpenLineage go by themselves, by retention."), status=409
        )
    if not RunStatus(run.status).is_final or run.archived_at is not None:
        raise Refused(Problem("not_final", "Only a run that has ended can be archived, once."), status=409)
    run.archived_at, run.archived_by = utcnow(), actor.name[:100]
    session.flush()
    record(session, "run.archived", "run", run.id, label, actor)


def restore(session: Session, run: Run, label: str, actor: Actor) -> None:
    """Show an archived run in lists again. Flushes. Raises Refused 409 when it is not archived."""
    if run.archived_at is None:
        raise Refused(Problem("not_archived", "It is not archived."), status=409)
    run.archived_at = run.archived_by = None
    session.flush()
    record(session, "run.restored", "run", run.id, label, actor)


def _end(session: Session, one: Tracked, status: str, reason: str | None, actor: Actor, wire: str) -> None:
    if status not in ENDS:
        raise Refused(Problem("unknown_status", f"Use one of {', '.join(ENDS)}.", "status", status[:100]))
    reporting.end(session, one, status, some_lines(reason, "reason", LONGEST), actor, wire=wire)


def _ask(session: Session, one: Tracked, reason: str | None, actor: Actor) -> str:
    run = one.run
    if run.status == RunStatus.QUEUED:
        reporting.end(session, one, "cancelled", reason, actor, wire="cancellation")
        return "cancelled"
    if run.cancel_requested_at is None:
        run.cancel_requested_at = utcnow()
        run.cancel_requested_by, run.cancel_requested_why = actor.name[:100], reason
        session.flush()
        record(session, "run.cancel_requested", "run", run.id, label_of(one), actor, fields=[("why", None, reason)])
    return "requested"


def _ask_below(session: Session, one: Tracked, reason: str | None, actor: Actor) -> int:
    asked, level = 0, [one.run.number]
    seen: set[int] = set(level)
    for _ in range(MOST_LEVELS):
        below: Sequence[Run] = session.scalars(queries.open_children(level, MOST_CHILDREN)).all() if level else []
        level = [run.number for run in below if run.number not in seen]
        seen.update(level)
        for number in level:
            child = numbered(session, number)
            if child is not None and child.following is not None:
                _ask(session, child, reason, actor)
                asked += 1
    return asked
