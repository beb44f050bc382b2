"""Small pictures of the status of a run, or of the newest run of a job."""

from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts import tokens
from app.changes.actor import Actor
from app.changes.log import record
from app.db import utcnow
from app.jobs.models import Badge, Job, Run
from app.jobs.queries import handed_out as queries
from app.refusal import Problem, Refused

MOST: Final = 100


def make_badge(session: Session, of: Run | Job, label: str, actor: Actor) -> tuple[Badge, str]:
    """Make a badge of a run or a job; returns it and its token, which is not kept. Flushes.

    Raises Refused 409 beyond a hundred that are still shown.
    """
    run, job_id = _whose(of)
    if len(session.scalars(queries.shown_badges(run, job_id, MOST)).all()) >= MOST:
        raise Refused(Problem("too_many", f"There are {MOST} badges already; revoke some first."), status=409)
    token = tokens.new_token()
    badge = Badge(
        realm_id=of.realm_id, run=run, job_id=job_id, token_hash=tokens.digest(token), created_by=actor.name[:100]
    )
    session.add(badge)
    session.flush()
    record(session, "badge.created", *_named(of), label, actor, fields=[("badge", None, str(badge.id))])
    return badge, token


def revoke_badge(session: Session, of: Run | Job, label: str, badge_id: UUID, actor: Actor) -> Badge:
    """Show a badge no longer. Flushes. Raises Refused: 404 when there is none such, 409 when it is revoked already."""
    badge = session.scalar(queries.badge(*_whose(of), badge_id))
    if badge is None:
        raise Refused(Problem("not_found", "There is no such badge."), status=404)
    if badge.revoked_at is not None:
        raise Refused(Problem("revoked", "The badge is revoked already."), status=409)
    badge.revoked_at = utcnow()
    session.flush()
    record(session, "badge.revoked", *_named(of), label, actor, fields=[("badge", str(badge.id), None)])
    return badge


def _whose(of: Run | Job) -> tuple[int | None, int | None]:
    return (of.number, None) if isinstance(of, Run) else (None, of.id)


def _named(of: Run | Job) -> tuple[str, object]:
    return ("run", of.id) if isinstance(of, Run) else ("job", of.id)
