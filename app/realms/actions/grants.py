"""Hand out capabilities; first planned, so that what would happen can be shown, then done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actions.users import add_member
from app.accounts.models import Membership, Role, User
from app.accounts.queries import user_named
from app.changes.actor import Actor
from app.db import utcnow
from app.realms.actions.ledger import (
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
from app.web.capabilities import capabilities


@dataclass(frozen=True, slots=True)
class GrantDraft:
    """Whom to give what, where and when; names in any case, times with zone, absent means without limit."""

    user: str
    caps: tuple[str, ...]
    apps: tuple[str, ...] = ()
    from_: datetime | None = None
    to: datetime | None = None
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Granted:
    """What a grant did: new rows, and (app, capability) pairs that were held already."""

    granted: list[CapGrant] = field(default_factory=list)
    skipped: list[tuple[str | None, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class GrantPlan:
    """What a grant would do: (app, capability) to give, rows that make way, pairs that are held already."""

    user: User
    give: list[tuple[App | None, str]] = field(default_factory=list)
    expired: list[tuple[CapGrant, App | None]] = field(default_factory=list)
    replaced: list[tuple[CapGrant, App | None]] = field(default_factory=list)
    skipped: list[tuple[str | None, str]] = field(default_factory=list)


def plan_grant(session: Session, draft: GrantDraft, *, by_root: bool) -> GrantPlan:
    """Return what granting would do in the realm of the session; writes nothing.

    Realm-level capabilities are granted once, whatever apps are named. Raises Refused with every problem at once
    (422), 403 when root is asked for by someone without it, 409 ``last_root`` when new windows would leave none.
    """
    now = utcnow()
    user = session.scalar(user_named(draft.user).where(User.active)) if draft.user.strip() else None
    apps = apps_by_name(session)
    problems = [*bad_user(draft.user, user), *_bad_caps(draft, apps), *_bad_window(draft.from_, draft.to, now)]
    if problems or user is None:
        raise Refused(*problems)
    caps = lowered(draft.caps)
    if ROOT in caps and not by_root:
        raise root_only()
    plan = GrantPlan(user)
    held = {(row.app_id, row.cap): row for row in session.scalars(select(CapGrant).where(CapGrant.user_id == user.id))}
    for app, cap in _wanted(caps, [apps[name] for name in lowered(draft.apps)]):
        old = held.get((app.id if app else None, cap))
        _place(plan, app, cap, old, replace=draft.replace, now=now)
    roots = [row.id for row, _app in plan.replaced if row.cap == ROOT]
    if roots and draft.from_ is not None:
        keep_a_root(session, now, without=roots)
    return plan


def grant(session: Session, draft: GrantDraft, *, actor: Actor, by_root: bool) -> Granted:
    """Grant capabilities in the realm of the session, all or nothing; the first makes the account a member.

    Raises Refused as `plan_grant` does. Flushes, does not commit.
    """
    take_turn(session)
    plan = plan_grant(session, draft, by_root=by_root)
    _make_member(session, plan.user, actor)
    ledger = Ledger(session, plan.user, actor)
    ledger.take(plan.expired, "capgrant.expired")
    ledger.take(plan.replaced, "capgrant.revoked")
    return Granted(ledger.give(plan.give, draft.from_, draft.to), plan.skipped)


def _place(plan: GrantPlan, app: App | None, cap: str, old: CapGrant | None, *, replace: bool, now: datetime) -> None:
    if old is not None and old.to is not None and old.to <= now:
        plan.expired.append((old, app))
    elif old is not None and replace:
        plan.replaced.append((old, app))
    elif old is not None:
        plan.skipped.append((app.shortnamelc if app else None, cap))
        return
    plan.give.append((app, cap))


def _wanted(caps: Iterable[str], apps: Sequence[App]) -> Iterable[tuple[App | None, str]]:
    for cap in caps:
        if _app_level(cap):
            yield from ((app, cap) for app in apps)
        else:
            yield None, cap


def _make_member(session: Session, user: User, actor: Actor) -> None:
    live = select(Membership.id).where(Membership.user_id == user.id, Membership.archived_at.is_(None))
    if session.scalar(live) is None:
        add_member(session, user, Role.CUSTOMER, actor=actor)


def _app_level(cap: str) -> bool:
    found = capabilities().get(cap)
    return found is not None and found.level == "app"


def _bad_caps(draft: GrantDraft, apps: dict[str, App]) -> list[Problem]:
    caps, named = lowered(draft.caps), lowered(draft.apps)
    problems = [] if caps else [Problem("required", "Choose at least one capability.", "caps")]
    problems += unknown_names(caps, named, apps)
    if any(_app_level(cap) for cap in caps) and not named:
        problems.append(Problem("apps_required", "Name the apps this capability is for.", "apps"))
    return problems


def _bad_window(from_: datetime | None, to: datetime | None, now: datetime) -> list[Problem]:
    problems = []
    for name, moment in (("from", from_), ("to", to)):
        if moment is not None and moment.tzinfo is None:
            problems.append(Problem("bad_window", "Give the time with its zone.", name, moment.isoformat()))
        elif moment is not None and moment <= now:
            problems.append(Problem("bad_window", "Choose a time in the future.", name, moment.isoformat()))
    if not problems and from_ and to and to <= from_:
        problems.append(Problem("bad_window", "The end has to come after the beginning.", "to", to.isoformat()))
    return problems
