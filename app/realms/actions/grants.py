"""Hand out capabilities and take them back; every row that goes is logged whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actions.users import add_member
from app.accounts.models import Membership, Role, User
from app.accounts.queries import user_named
from app.changes.actor import Actor
from app.changes.log import record
from app.db import utcnow
from app.realms.models import App, CapGrant
from app.realms.queries import effective_roots
from app.refusal import Problem, Refused
from app.web.capabilities import capabilities, is_known

ROOT = "root"
ALL = "all"


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
class RevocationDraft:
    """Whose rows to take back; ``ALL`` or nothing is no filter, both filters hold together."""

    user: str
    caps: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()


def grant(session: Session, draft: GrantDraft, *, actor: Actor, by_root: bool) -> Granted:
    """Grant capabilities in the realm of the session, all or nothing; the first makes the account a member.

    Realm-level capabilities are granted once, whatever apps are named. Raises Refused with every problem at once
    (422), 403 when root is asked for by someone without it, 409 ``last_root`` when new windows would leave none.
    """
    now = utcnow()
    # One grant at a time for one account: two at once would both find the row missing.
    user = session.scalar(user_named(draft.user).where(User.active).with_for_update()) if draft.user.strip() else None
    apps = _apps(session)
    problems = [*_bad_user(draft.user, user), *_bad_caps(draft, apps), *_bad_window(draft.from_, draft.to, now)]
    if problems or user is None:
        raise Refused(*problems)
    caps = _lowered(draft.caps)
    if ROOT in caps and not by_root:
        raise _root_only()
    _make_member(session, user, actor)
    done, ledger = Granted(), _Ledger(session, user, actor)
    held = {(row.app_id, row.cap): row for row in session.scalars(select(CapGrant).where(CapGrant.user_id == user.id))}
    for app, cap in _wanted(caps, [apps[name] for name in _lowered(draft.apps)]):
        old = held.get((app.id if app else None, cap))
        expired = old is not None and old.to is not None and old.to <= now
        if old is not None and not expired and not draft.replace:
            done.skipped.append((app.shortnamelc if app else None, cap))
            continue
        if old is not None:
            ledger.take(old, app, "capgrant.expired" if expired else "capgrant.revoked")
        done.granted.append(ledger.give(app, cap, draft))
    if draft.replace and ROOT in caps:
        _keep_a_root(session, now)
    return done


def revoke(session: Session, draft: RevocationDraft, *, actor: Actor, by_root: bool) -> list[dict[str, Any]]:
    """Take back what an account holds in the realm of the session; return the removed rows whole.

    Raises Refused 422 naming what is unknown or ``nothing_to_revoke``, 403 when a row of root is touched without
    root, 409 ``last_root`` when nobody would be left; then nothing is removed.
    """
    user = session.scalar(user_named(draft.user))
    caps, apps = _filter(draft.caps), _filter(draft.apps)
    ids = _apps(session)
    problems = [] if user else _bad_user(draft.user, None)
    problems += [
        Problem("unknown_cap", f"There is no capability {cap}.", "caps", cap) for cap in caps if not is_known(cap)
    ]
    problems += [Problem("unknown_app", f"There is no app {app} here.", "apps", app) for app in apps if app not in ids]
    if problems or user is None:
        raise Refused(*problems)
    query = select(CapGrant).where(CapGrant.user_id == user.id).order_by(CapGrant.id)
    if caps:
        query = query.where(CapGrant.cap.in_(caps))
    if apps:
        query = query.where(CapGrant.app_id.in_([ids[app].id for app in apps]))
    rows = session.scalars(query).all()
    if not rows:
        raise Refused(Problem("nothing_to_revoke", f"{user.name} holds nothing of that kind."))
    return _remove_all(session, rows, user, actor, by_root=by_root)


def revoke_grant(session: Session, grant_id: int, *, actor: Actor, by_root: bool) -> dict[str, Any]:
    """Take back one grant by its id; raises Refused 404 for an unknown one, else as `revoke`."""
    row = session.scalar(select(CapGrant).where(CapGrant.id == grant_id))
    if row is None:
        raise Refused(Problem("not_found", "There is no such grant."), status=404)
    user = session.get_one(User, row.user_id)
    return _remove_all(session, [row], user, actor, by_root=by_root)[0]


def _remove_all(
    session: Session, rows: Sequence[CapGrant], user: User, actor: Actor, *, by_root: bool
) -> list[dict[str, Any]]:
    roots = any(row.cap == ROOT for row in rows)
    if roots and not by_root:
        raise _root_only()
    apps = {app.id: app for app in _apps(session).values()}
    ledger = _Ledger(session, user, actor)
    removed = [ledger.take(row, apps.get(row.app_id or 0), "capgrant.revoked") for row in rows]
    if roots:
        _keep_a_root(session, utcnow())
    return removed


@dataclass(frozen=True, slots=True)
class _Ledger:
    """Writes grants of one account, and their change rows."""

    session: Session
    user: User
    actor: Actor

    def give(self, app: App | None, cap: str, draft: GrantDraft) -> CapGrant:
        row = CapGrant(
            realm_id=self.session.info["realm_id"],
            user_id=self.user.id,
            app_id=app.id if app else None,
            cap=cap,
            from_=draft.from_,
            to=draft.to,
            setby=self.actor.name,
        )
        self.session.add(row)
        self.session.flush()
        label = _label(self.user, cap, app)
        fields = [(name, None, moment) for name, moment in (("from", row.from_), ("to", row.to)) if moment]
        record(self.session, "capgrant.granted", "capgrant", row.id, label, self.actor, fields=fields)
        return row

    def take(self, row: CapGrant, app: App | None, verb: str) -> dict[str, Any]:
        whole = _whole(row, self.user, app)
        record(self.session, verb, "capgrant", row.id, _label(self.user, row.cap, app), self.actor, row=whole)
        self.session.delete(row)
        self.session.flush()
        return whole


def _whole(row: CapGrant, user: User, app: App | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "realm": row.realm_id,
        "user": user.name,
        "app": app.shortnamelc if app else None,
        "cap": row.cap,
        "from": row.from_.isoformat() if row.from_ else None,
        "to": row.to.isoformat() if row.to else None,
        "setat": row.setat.isoformat(),
        "setby": row.setby,
    }


def _label(user: User, cap: str, app: App | None) -> str:
    return f"{user.name}: {cap}" + (f" on {app.shortname}" if app else "")


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


def _keep_a_root(session: Session, now: datetime) -> None:
    here = CapGrant.realm_id == session.info["realm_id"]
    if session.scalar(effective_roots(now).where(here).limit(1)) is None:
        raise Refused(Problem("last_root", "The last holder of root has to stay."), status=409)


def _root_only() -> Refused:
    return Refused(Problem("root_only", "Only a holder of root grants or revokes root.", "caps", ROOT), status=403)


def _apps(session: Session) -> dict[str, App]:
    return {app.shortnamelc: app for app in session.scalars(select(App))}


def _lowered(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name.strip().lower() for name in names if name.strip()))


def _filter(names: Iterable[str]) -> list[str]:
    lowered = _lowered(names)
    return [] if ALL in lowered else lowered


def _app_level(cap: str) -> bool:
    found = capabilities().get(cap)
    return found is not None and found.level == "app"


def _bad_user(name: str, user: User | None) -> list[Problem]:
    if not name.strip():
        return [Problem("required", "Name the account.", "user")]
    return [] if user else [Problem("unknown_user", f"There is no active account “{name}”.", "user", name)]


def _bad_caps(draft: GrantDraft, apps: dict[str, App]) -> list[Problem]:
    caps, named = _lowered(draft.caps), _lowered(draft.apps)
    problems = [] if caps else [Problem("required", "Choose at least one capability.", "caps")]
    problems += [
        Problem("unknown_cap", f"There is no capability {cap}.", "caps", cap) for cap in caps if not is_known(cap)
    ]
    problems += [
        Problem("unknown_app", f"There is no app {app} here.", "apps", app) for app in named if app not in apps
    ]
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
