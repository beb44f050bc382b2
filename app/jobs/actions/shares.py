"""Links by which people without an account see a run."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts import tokens
from app.changes.actor import Actor
from app.changes.log import record
from app.db import utcnow
from app.jobs.models import Run, ShareLink
from app.jobs.queries import handed_out as queries
from app.refusal import Problem, Refused

USUAL_HOURS, MOST_HOURS = 168, 90 * 24
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class ShareDraft:
    """For how long, and whether metadata (never private values) and the log are shown."""

    hours: int = USUAL_HOURS
    show_metadata: bool = False
    show_log: bool = False


def make_share(session: Session, run: Run, label: str, draft: ShareDraft, actor: Actor) -> tuple[ShareLink, str]:
    """Make a link to a run and its later attempts; returns it and its token, which is not kept. Flushes.

    Raises Refused: 422 (field ``hours``) beyond 1 hour to 90 days, 409 beyond a hundred links that still open.
    """
    if not 1 <= draft.hours <= MOST_HOURS:
        words = "A link lives from 1 hour to 90 days (2,160 hours)."
        raise Refused(Problem("bad_hours", words, "hours", str(draft.hours)[:20]))
    if len(session.scalars(queries.open_shares(run.number, utcnow(), MOST)).all()) >= MOST:
        raise Refused(Problem("too_many", f"{MOST} links open it already; revoke some first."), status=409)
    token = tokens.new_token()
    link = ShareLink(
        realm_id=run.realm_id, run=run.number, token_hash=tokens.digest(token),
        expires_at=utcnow() + timedelta(hours=draft.hours), show_metadata=draft.show_metadata,
        show_log=draft.show_log, created_by=actor.name[:100], opens=0,
    )  # fmt: skip
    session.add(link)
    session.flush()
    fields = [("share link", None, str(link.id)), ("expires_at", None, link.expires_at),
              ("metadata", None, link.show_metadata), ("log", None, link.show_log)]  # fmt: skip
    record(session, "run.shared", "run", run.id, label, actor, fields=fields)
    return link, token


def revoke_share(session: Session, run: Run, label: str, share_id: UUID, actor: Actor) -> ShareLink:
    """Close a link at once. Flushes. Raises Refused: 404 when the run has none such, 409 when it is closed already."""
    link = session.scalar(queries.share(run.number, share_id))
    if link is None:
        raise Refused(Problem("not_found", "This run has no such link."), status=404)
    if link.revoked_at is not None:
        raise Refused(Problem("revoked", "The link is closed already."), status=409)
    link.revoked_at = utcnow()
    session.flush()
    record(session, "share.revoked", "run", run.id, label, actor, fields=[("share link", str(link.id), None)])
    return link
