"""Openings of share links are counted, as telemetry: no change of anything."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.jobs.models import ShareLink

LONGEST_ADDRESS = 45


def count_opening(session: Session, realm_id: int, link_id: UUID, at: datetime, address: str | None) -> None:
    """Note that somebody opened a link; runs after the answer, in a transaction of its own."""
    session.execute(
        update(ShareLink)
        .where(ShareLink.realm_id == realm_id, ShareLink.id == link_id)
        .values(opens=ShareLink.opens + 1, opened_at=at, opened_from=(address or "")[:LONGEST_ADDRESS] or None)
        .execution_options(synchronize_session=False)
    )
