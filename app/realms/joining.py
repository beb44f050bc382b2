"""Gives invited people what their invitation promised, in the transaction of their joining."""

from dataclasses import replace

from sqlalchemy.orm import Session

from app.accounts.models import Invitation, User
from app.accounts.signals import joined
from app.changes.actor import Actor
from app.realms.actions import GrantDraft, grant


def init() -> None:
    """Listen for people who join."""
    joined.connect(_give)


def _give(invitation: Invitation, *, session: Session, user: User, caps: tuple[str, ...], actor: Actor) -> None:
    if caps:
        host = session.get_one(User, invitation.invited_by)
        grant(session, GrantDraft(user=user.name, caps=caps), actor=replace(actor, name=host.name), by_root=False)
