"""Saved views of the story, by the action behind the form: what the company looks at every morning."""

from typing import Final

from sqlalchemy.orm import Session

from app.accounts.actions.saved import Owner, ViewDraft, save_view
from app.changes.actor import CLI
from app.db import utcnow
from app.realms import queries

VIEWS: Final = (
    ("jobs/runs", "Failed since yesterday", "status=failed&since=24h", True),
    ("jobs/runs", "Late tours", "q=delivery-routes&alarm=late", False),
    ("jobs/runs", "Longest first", "sort=-duration", False),
    ("jobs/jobs", "dbt models", "integration=DBT", False),
    ("lineage/datasets", "Late", "freshness=late", True),
    ("lineage/datasets", "Failing checks", "quality=error&quality=warn", False),
    ("lineage/datasets", "Nobody reads it", "unused=30", False),
    ("delivery/deliveries", "Failed", "state=failed", True),
)


def save_views(session: Session) -> int:
    """Save views for everyone of the realm; returns how many. Flushes, does not commit."""
    owner = session.scalar(queries.effective_roots(utcnow()).limit(1))
    if owner is None:
        return 0
    for page, name, query, pinned in VIEWS:
        draft = ViewDraft(page, name, query, shared=True, pinned=pinned)
        save_view(session, draft, Owner(owner, may_share=True), CLI)
    return len(VIEWS)
