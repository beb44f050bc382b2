"""Make the account and key by which the simulator reports, and write down when the story was told."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.accounts.actions.keys import KeyDraft, issue_key
from app.accounts.actions.users import UserDraft, add_member, create_user
from app.accounts.models import Role, UserKind
from app.accounts.queries import user_named
from app.changes.actor import CLI
from app.demo.partners import ROUTES
from app.demo.simulator.drive import State
from app.demo.simulator.fleet import PROVIDERS
from app.realms.actions import GrantDraft, grant

LOGIN, SCOPES = "simulator", ("jobs.write", "lineage.write")


def found(session: Session, folder: Path, told_at: datetime) -> bool:
    """Let the simulator in, once for a data directory; returns whether it may work here. Flushes.

    It is an operator with a key that only it knows; a directory without its file gets a new one. A realm in which the
    story was not told has none of its partners, and is left alone.
    """
    if session.scalar(user_named(PROVIDERS[ROUTES])) is None:
        return False
    if State.read(folder) is not None:
        return True
    user = session.scalar(user_named(LOGIN))
    if user is None:
        user = create_user(session, UserDraft(LOGIN, "Demo simulator", kind=UserKind.SERVICE), actor=CLI)
        add_member(session, user, Role.OPERATOR, actor=CLI)
        grant(session, GrantDraft(LOGIN, SCOPES), actor=CLI, by_root=True)
    draft = KeyDraft("Keeps the demo moving while it is served", SCOPES)
    key = issue_key(session, draft, user=user, held=SCOPES, actor=CLI)[1]
    State(key, told_at.isoformat(), told_at.isoformat()).write(folder)
    return True
