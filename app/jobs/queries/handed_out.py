"""Selects on what is handed out of runs: share links and badges."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from app.jobs.models import Badge, ShareLink


def open_shares(run: int, now: datetime, limit: int) -> Select[UUID]:
    """Select the ids of links that open a run at a moment."""
    still = (ShareLink.run == run, ShareLink.revoked_at.is_(None), ShareLink.expires_at > now)
    return select(ShareLink.id).where(*still).limit(limit)


def share(run: int, share_id: UUID) -> Select[ShareLink]:
    """Select one link of a run."""
    return select(ShareLink).where(ShareLink.run == run, ShareLink.id == share_id)


def shown_badges(run: int | None, job_id: int | None, limit: int) -> Select[UUID]:
    """Select the ids of badges of a run or a job that are shown."""
    whose = Badge.run == run if run is not None else Badge.job_id == job_id
    return select(Badge.id).where(whose, Badge.revoked_at.is_(None)).limit(limit)


def badge(run: int | None, job_id: int | None, badge_id: UUID) -> Select[Badge]:
    """Select one badge of a run or a job."""
    whose = Badge.run == run if run is not None else Badge.job_id == job_id
    return select(Badge).where(whose, Badge.id == badge_id)
