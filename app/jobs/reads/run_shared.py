"""The run that a link opens to people without an account."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts import tokens
from app.db import scope, unscoped, utcnow
from app.jobs.models import Job, Run, ShareLink
from app.jobs.queries import run_parts as queries


@dataclass(frozen=True, slots=True)
class Shared:
    """The newest attempt of what a link opens."""

    link: ShareLink
    run: Run
    job: Job


def of_token(session: Session, token: str) -> Shared | None:
    """Return what a token opens, None for an unknown, expired or revoked one; ties the session to its realm.

    Two statements.
    """
    with unscoped(session, "the token of a link finds its realm"):
        row = session.execute(queries.share_of_token(tokens.digest(token))).one_or_none()
    if row is None or not opens(row[0], utcnow()):
        return None
    link, run, job = row
    scope(session, link.realm_id)
    if run.next_attempt is not None:
        run = session.scalar(queries.newest_attempt(run)) or run
    return Shared(link, run, job)


def opens(link: ShareLink, now: datetime) -> bool:
    """Return whether a link opens anything at a moment."""
    return link.revoked_at is None and link.expires_at > now
