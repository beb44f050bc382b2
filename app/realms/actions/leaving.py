"""People leave the realm: their membership is archived, and what they held goes with it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, User
from app.accounts.queries import member
from app.changes.actor import Actor
from app.changes.log import record
from app.db import utcnow
from app.realms.actions.blocking import check_blocking
from app.realms.actions.ledger import Ledger
from app.realms.actions.turns import take_turn
from app.realms.models import App, CapGrant
from app.refusal import Problem, Refused

LONGEST_WHY = 500


def check_leaving(session: Session, user: User, *, by_root: bool) -> list[tuple[CapGrant, App | None]]:
    """Return what an account would lose by leaving; raises Refused as `check_blocking` does. Writes nothing."""
    check_blocking(session, user, by_root=by_root)
    query = select(CapGrant, App).outerjoin(App, App.id == CapGrant.app_id)
    rows = session.execute(query.where(CapGrant.user_id == user.id).order_by(CapGrant.id))
    return [(row, app) for row, app in rows]


def archive_member(session: Session, user: User, why: str, *, actor: Actor, by_root: bool) -> Membership | None:
    """Archive the membership of an account, and take back all it holds here, each row logged whole.

    Returns the membership, None for one who only held grants. Raises Refused 422 without a reason of 1 to 500
    characters, else as `check_blocking` does. Flushes, does not commit.
    """
    if not 1 <= len(why.strip()) <= LONGEST_WHY:
        raise Refused(Problem("required", f"Say why, in 1 to {LONGEST_WHY} characters.", "why"))
    take_turn(session)
    rows = check_leaving(session, user, by_root=by_root)
    Ledger(session, user, actor).take(rows, "capgrant.revoked")
    found = session.scalar(member(user.id))
    if found is not None:
        found.archived_at, found.archived_by, found.archived_why = utcnow(), actor.name, why.strip()
        session.flush()
        fields = [("archived_at", None, found.archived_at), ("archived_why", None, found.archived_why)]
        record(session, "membership.archived", "membership", found.id, user.name, actor, fields=fields)
    return found
