"""Take capabilities back; first planned, so that it can be shown, then done. Every row is logged whole."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.queries import user_named
from app.changes.actor import Actor
from app.db import utcnow
from app.realms.actions.ledger import (
    ALL,
    ROOT,
    Ledger,
    apps_by_name,
    bad_user,
    keep_a_root,
    lowered,
    root_only,
    unknown_names,
)
from app.realms.actions.turns import take_turn
from app.realms.models import App, CapGrant
from app.refusal import Problem, Refused


@dataclass(frozen=True, slots=True)
class RevocationDraft:
    """Whose rows to take back; ``ALL`` or nothing is no filter, both filters hold together."""

    user: str
    caps: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RevocationPlan:
    """The rows of an account that would go, each with its app."""

    user: User
    rows: list[tuple[CapGrant, App | None]] = field(default_factory=list)

    @property
    def roots(self) -> list[int]:
        """Return the ids of rows of root among them."""
        return [row.id for row, _app in self.rows if row.cap == ROOT]


def plan_revocation(session: Session, draft: RevocationDraft, *, by_root: bool) -> RevocationPlan:
    """Return what would be taken back in the realm of the session; writes nothing.

    Raises Refused 422 naming what is unknown or ``nothing_to_revoke``, 403 when a row of root is touched without
    root, 409 ``last_root`` when nobody would be left.
    """
    user = session.scalar(user_named(draft.user)) if draft.user.strip() else None
    caps, apps, known = _filter(draft.caps), _filter(draft.apps), apps_by_name(session)
    problems = [*bad_user(draft.user, user, "account"), *unknown_names(caps, apps, known)]
    if problems or user is None:
        raise Refused(*problems)
    query = select(CapGrant).where(CapGrant.user_id == user.id).order_by(CapGrant.id)
    if caps:
        query = query.where(CapGrant.cap.in_(caps))
    if apps:
        query = query.where(CapGrant.app_id.in_([known[app].id for app in apps]))
    ids = {app.id: app for app in known.values()}
    rows = [(row, ids.get(row.app_id or 0)) for row in session.scalars(query)]
    if not rows:
        raise Refused(Problem("nothing_to_revoke", f"{user.name} holds nothing of that kind."))
    return _checked(session, RevocationPlan(user, rows), by_root=by_root)


def plan_of_grant(session: Session, grant_id: int, *, by_root: bool) -> RevocationPlan:
    """Return the plan of taking back one grant; raises Refused 404 for an unknown one, else as `plan_revocation`."""
    row = session.scalar(select(CapGrant).where(CapGrant.id == grant_id))
    if row is None:
        raise Refused(Problem("not_found", "There is no such grant."), status=404)
    app = session.scalar(select(App).where(App.id == row.app_id)) if row.app_id else None
    plan = RevocationPlan(session.get_one(User, row.user_id), [(row, app)])
    return _checked(session, plan, by_root=by_root)


def revoke(session: Session, draft: RevocationDraft, *, actor: Actor, by_root: bool) -> list[dict[str, Any]]:
    """Take back what an account holds in the realm of the session; return the removed rows whole.

    Raises Refused as `plan_revocation` does; then nothing is removed.
    """
    take_turn(session)
    return _carry_out(session, plan_revocation(session, draft, by_root=by_root), actor)


def revoke_grant(session: Session, grant_id: int, *, actor: Actor, by_root: bool) -> dict[str, Any]:
    """Take back one grant by its id; raises Refused 404 for an unknown one, else as `revoke`."""
    take_turn(session)
    return _carry_out(session, plan_of_grant(session, grant_id, by_root=by_root), actor)[0]


def _checked(session: Session, plan: RevocationPlan, *, by_root: bool) -> RevocationPlan:
    if plan.roots:
        if not by_root:
            raise root_only()
        keep_a_root(session, utcnow(), without=plan.roots)
    return plan


def _carry_out(session: Session, plan: RevocationPlan, actor: Actor) -> list[dict[str, Any]]:
    return Ledger(session, plan.user, actor).take(plan.rows, "capgrant.revoked")


def _filter(names: Iterable[str]) -> list[str]:
    found = lowered(names)
    return [] if ALL in found else found
