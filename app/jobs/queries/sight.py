"""Select what decides whose runs an account sees."""

from sqlalchemy import Select, select

from app.accounts.models import Membership, Role


def role_of(user_id: int) -> Select[Role]:
    """Select the role of a live member."""
    return select(Membership.role).where(Membership.user_id == user_id, Membership.archived_at.is_(None))
