"""Who gains or loses which pages and keys by a change that is not made yet: the decision asked before and after."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from flask import current_app, g
from sqlalchemy.orm import Session

from app.accounts.models import ApiKey, User
from app.accounts.queries import keys
from app.db import utcnow
from app.realms.access import standing_at
from app.realms.actions import GrantDraft, GrantPlan, RevocationPlan
from app.realms.capabilities import Held, Standing
from app.web.guard import mark_of
from app.web.identity import Identity
from app.web.nav import Link, navigation

MOST_KEYS = 50


@dataclass(frozen=True, slots=True)
class KeyEffect:
    """What a key can do from then on, and what it no longer can."""

    prefix: str
    note: str
    gained: list[str]
    lost: list[str]


@dataclass(frozen=True, slots=True)
class Effect:
    """What one account gains and loses at a moment: links of the navigation, numbers of routes, keys that change."""

    user: str
    at: datetime
    gained: list[Link]
    lost: list[Link]
    routes_gained: int
    routes_lost: int
    keys: list[KeyEffect]


def of_grant(session: Session, plan: GrantPlan, draft: GrantDraft) -> Effect:
    """Return what a grant changes once its window has begun."""
    at = max(draft.from_ or utcnow(), utcnow())
    before = _standing(session, plan.user, at)
    gone = {row.id for row, _app in (*plan.replaced, *plan.expired)}
    new = [Held(0, cap, app.shortnamelc if app else None, draft.from_, draft.to) for app, cap in plan.give]
    held = (*(one for one in before.held if one.id not in gone), *new)
    return _effect(session, plan.user, before, replace(before, held=held, is_member=True))


def of_revocation(session: Session, plan: RevocationPlan) -> Effect:
    """Return what a revocation changes: now, or when the first of the rows would have begun."""
    now = utcnow()
    at = min(max(row.from_ or now, now) for row, _app in plan.rows)
    before = _standing(session, plan.user, at)
    gone = {row.id for row, _app in plan.rows}
    return _effect(session, plan.user, before, replace(before, held=tuple(x for x in before.held if x.id not in gone)))


def of_blocking(session: Session, user: User, *, by: str) -> Effect:
    """Return what an account loses by being blocked now."""
    before = replace(_standing(session, user, utcnow()), deactivated=None)
    return _effect(session, user, before, replace(before, deactivated=(by, before.at)))


def _standing(session: Session, user: User, at: datetime) -> Standing:
    who = Identity(user.id, user.name, user.display_name, user.active)
    return standing_at(session, user.name, at) or Standing(who, g.realm, at, is_member=False, held=())


def _effect(session: Session, user: User, before: Standing, after: Standing) -> Effect:
    links = [_links(before.holds if before.is_known_here else _nothing), _links(after.holds)]
    routes = [_routes(before), _routes(after)]
    return Effect(
        user.name,
        before.at,
        [link for url, link in links[1].items() if url not in links[0]],
        [link for url, link in links[0].items() if url not in links[1]],
        len(routes[1] - routes[0]),
        len(routes[0] - routes[1]),
        list(_keys(_live(session, user, before.at), before, after)),
    )


def _nothing(*_names: str) -> bool:
    return False


def _links(may: Callable[..., bool]) -> dict[str, Link]:
    return {link.url: link for section in navigation(may) for link in section.items}


def _routes(standing: Standing) -> set[str]:
    found, known = set(), dict[tuple[str, ...], bool]()
    for endpoint in current_app.view_functions:
        mark = mark_of(current_app, endpoint)
        if mark is None or mark.kind != "needs":
            continue
        if mark.names not in known:
            known[mark.names] = standing.holds(*mark.names)
        if known[mark.names]:
            found.add(endpoint)
    return found


def _live(session: Session, user: User, now: datetime) -> list[ApiKey]:
    return list(session.scalars(keys(user_id=user.id, states=("live",), now=now).limit(MOST_KEYS)))


def _keys(live: Iterable[ApiKey], before: Standing, after: Standing) -> Iterable[KeyEffect]:
    for key in live:
        had, has = ({scope for scope in key.scopes if one.holds(scope)} for one in (before, after))
        if had != has:
            yield KeyEffect(key.prefix, key.note, sorted(has - had), sorted(had - has))
