"""Whose runs somebody sees: the capability gives the page, the role gives the rows."""

from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.jobs.queries.sight import role_of


def sees_reported(session: Session, user_id: int, *, reads_lineage: bool) -> bool:
    """Return whether runs reported by OpenLineage are shown: to readers of lineage and to operators."""
    return reads_lineage or session.scalar(role_of(user_id)) == Role.OPERATOR
