"""Ask people into a realm by a link that works once."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import tokens
from app.accounts.actions.users import UserDraft, add_member, create_user
from app.accounts.models import Invitation, Membership, Role, User
from app.accounts.signals import joined
from app.changes.actor import Actor
from app.changes.log import record
from app.db import utcnow
from app.refusal import Problem, Refused

OPEN_FOR = timedelta(days=7)
LONGEST_EMAIL = 511


@dataclass(frozen=True, slots=True)
class InvitationDraft:
    """Whom to ask, as what, and what they may do from the start."""

    email: str
    role: Role = Role.CUSTOMER
    caps: tuple[str, ...] = ()


def invite(
    session: Session, draft: InvitationDraft, *, by: User, grantable: Container[str], actor: Actor
) -> tuple[Invitation, str]:
    """Ask a person into the realm of the session; return the invitation and the token of its link.

    Raises Refused on ``email`` (no address, or a member already) and ``caps`` (one that cannot be handed out so;
    root never can: an invitation may reach the wrong person).
    """
    email = draft.email.strip().lower()
    problems = [
        Problem("unknown_cap", f"{cap} cannot be given with an invitation.", "caps", cap)
        for cap in draft.caps
        if cap not in grantable or cap == "root"
    ]
    if "@" not in email[1:-1] or len(email) > LONGEST_EMAIL:
        problems.append(Problem("bad_email", "Enter an e-mail address like name@example.org.", "email"))
    elif _is_member(session, email):
        problems.append(Problem("exists", "A member of this realm has this address.", "email", email))
    if problems:
        raise Refused(*problems)
    token = tokens.new_token()
    row = Invitation(
        realm_id=session.info["realm_id"],
        email=email,
        role=draft.role,
        caps=sorted(set(draft.caps)),
        token_hash=tokens.digest(token),
        expires_at=utcnow() + OPEN_FOR,
        invited_by=by.id,
    )
    session.add(row)
    session.flush()
    fields = [("role", None, row.role), ("caps", None, row.caps), ("token_hash", None, row.token_hash)]
    record(session, "invitation.created", "invitation", row.id, email, actor, fields=fields)
    return row, token


def withdraw(session: Session, invitation_id: UUID, *, actor: Actor) -> Invitation:
    """Make the link of an open invitation useless; raises Refused 404 when there is no open one of this id."""
    row = session.scalar(select(Invitation).where(Invitation.id == invitation_id))
    if row is None or not row.is_open(utcnow()):
        raise Refused(Problem("not_found", "There is no such open invitation."), status=404)
    row.withdrawn_at = row.updated_at = utcnow()
    session.flush()
    record(session, "invitation.withdrawn", "invitation", row.id, row.email, actor)
    return row


def join_as_new(session: Session, invitation: Invitation, draft: UserDraft, *, actor: Actor) -> User:
    """Make the account of an invited person and let it in; raises Refused as `create_user`."""
    if not draft.password:
        raise Refused(Problem("required", "Choose a password.", "password"))
    user = create_user(session, draft, actor=actor)
    join(session, invitation, user, actor=actor)
    return user


def join(session: Session, invitation: Invitation, user: User, *, actor: Actor) -> None:
    """Use an invitation up for an account there is; raises Refused 409 when it is used or the account is in."""
    row = session.scalar(select(Invitation).where(Invitation.id == invitation.id).with_for_update())
    if row is None or not row.is_open(utcnow()):
        raise Refused(Problem("used", "This invitation was used already."), status=409)
    add_member(session, user, row.role, actor=actor)
    row.used_at = row.updated_at = utcnow()
    session.flush()
    record(session, "invitation.accepted", "invitation", row.id, row.email, actor, fields=[("user", None, user.name)])
    joined.send(row, session=session, user=user, caps=tuple(row.caps), actor=actor)


def _is_member(session: Session, email: str) -> bool:
    query = select(Membership.id).join(User).where(User.email == email, Membership.archived_at.is_(None))
    return session.scalar(query) is not None
