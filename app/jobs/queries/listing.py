"""Selects on runs for commands."""

from datetime import datetime

from sqlalchemy import Select, select

from app.jobs.models import Job, Run


def newest(word: str | None, now: datetime, limit: int) -> Select[Run, Job]:
    """Select (run, job), newest first; of one status, or those that are stalled at a moment, longest silent first."""
    found = select(Run, Job).join(Job, Job.id == Run.job_id).where(Run.role == "unit").limit(limit)
    if word == "stalled":
        silent = (Run.silent_until.is_not(None), Run.silent_until < now, Run.dismissed_at.is_(None))
        return found.where(*silent, Run.status.in_(("queued", "running"))).order_by(Run.silent_until, Run.number)
    if word is not None:
        found = found.where(Run.status == word)
    return found.order_by(Run.began_at.desc(), Run.number.desc())
