"""What a badge says now."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts import tokens
from app.db import scope, unscoped, utcnow
from app.jobs import badge, shown
from app.jobs.models import Job, Run
from app.jobs.queries import run_parts as queries
from app.jobs.timing import seconds
from app.web.filters import duration


@dataclass(frozen=True, slots=True)
class Shown:
    """What a badge shows: of what, the status word (``never ran`` for a job without a run), and how far it is.

    ``percent`` is the percentage, or how long a run has been going of which nothing tells how far it is.
    """

    label: str
    status: str
    percent: str = ""
    progress: float | None = None

    @property
    def svg(self) -> str:
        """Return the picture."""
        return badge.svg(self.label, self.status, self.percent)

    @property
    def said(self) -> str:
        """Return status and percentage in words."""
        return badge.message(self.status, self.percent)

    @property
    def colour(self) -> str:
        """Return the colour of its right half."""
        return badge.COLOURS.get(self.status, badge.GREY)

    @property
    def width(self) -> tuple[int, int]:
        """Return how many pixels wide its halves are."""
        return badge.width(self.label) + 12, badge.width(self.said) + 12


UNKNOWN = Shown("status", "unknown")


def of_token(session: Session, token: str) -> Shown | None:
    """Return what the badge of a token shows, None for an unknown or revoked one; ties the session to its realm."""
    with unscoped(session, "the token of a badge finds its realm"):
        found = session.scalar(queries.badge_of_token(tokens.digest(token)))
    if found is None or found.revoked_at is not None:
        return None
    scope(session, found.realm_id)
    if found.run is not None:
        return of_run(session, found.run)
    row = session.execute(queries.job_with_newest_run(found.job_id or 0)).one_or_none()
    return of_job(row[0], row[1]) if row is not None else None


def of_run(session: Session, number: int) -> Shown | None:
    """Return what a badge of a run shows: one statement."""
    row = session.execute(queries.run_with_job(number)).one_or_none()
    return _shown(row[0], row[0].name or row[1].name) if row is not None else None


def of_job(newest: Run | None, job: Job) -> Shown:
    """Return what a badge of a job shows, whose newest run may be None."""
    return _shown(newest, job.name) if newest is not None else Shown(job.name, "never ran")


def _shown(run: Run, label: str) -> Shown:
    now = utcnow()
    elapsed = seconds(run, now) if shown.is_open(run) else None
    said = shown.percent(run) or (duration(elapsed) if elapsed is not None else "")
    return Shown(label, shown.status(run, now), said, run.progress)
