"""The decision for the running request: one statement, then plain reasoning."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from flask import g, request
from sqlalchemy import ColumnElement, Select, bindparam

from app.db import db, scope, unscoped, utcnow
from app.driver import bound
from app.realms import queries
from app.realms.capabilities import Standing, first_failure, standing_of
from app.realms.models import Realm
from app.web.guard import Check, Mark, Verdict
from app.web.identity import Identity

ALLOWED = Verdict("allowed")
NOT_FOUND = Verdict("not_found")


def allow(mark: Mark, who: Identity) -> Verdict:
    """Decide on the running request; on yes the session is tied to the realm and ``g.realm`` is set."""
    by, value = ("id", who.key.realm_id) if who.key is not None else ("shortname", g.get("realm_name"))
    if value is None:
        return _without_realm(mark, who)
    standing, verdict = _judged(mark, who, by, value)
    if standing is not None:
        g.realm, g.standing = standing.realm, standing
    return verdict


def allow_key(mark: Mark, who: Identity, realm_id: int) -> tuple[Standing | None, Verdict]:
    """Decide on the request of a key beside the running one, whose session it uses and ties to the realm.

    Returns what the account holds, None when the realm does not exist for it. The mark names no app.
    """
    return _judged(mark, who, "id", realm_id)


def _judged(mark: Mark, who: Identity, by: str, value: object) -> tuple[Standing | None, Verdict]:
    standing = _standing(who, _prepared(by), user_id=who.user_id, realm=value)
    if standing is None or not standing.is_known_here:
        return None, NOT_FOUND
    admission = first_failure(standing.admission())
    if admission is not None and admission.reason == "not_found":
        return None, NOT_FOUND
    scope(db.session(), standing.realm.id)
    if admission is not None and mark.rescue and standing.rescues:
        return standing, ALLOWED
    if admission is not None:
        checks = tuple(standing.admission())
        return standing, Verdict(admission.reason, detail=admission.detail, checks=checks)
    return standing, _by_mark(mark, standing)


def find_standing(who: Identity, which: ColumnElement[bool]) -> Standing | None:
    """Return what an account is and holds in the realm the condition picks, None if there is none: one statement."""
    return _standing(who, queries.standing(who.user_id, which))


@lru_cache(maxsize=2)
def _prepared(by: str) -> Select[*tuple[Any, ...]]:
    """Return the statement of every request, built once because building it takes longer than running it."""
    user_id: Any = bindparam("user_id")
    return queries.standing(user_id, getattr(Realm, by) == bindparam("realm"))


def _standing(who: Identity, select: Select[*tuple[Any, ...]], **values: object) -> Standing | None:
    session = db.session()
    with unscoped(session, "finds the realm and what the account holds in it"):
        # Past the ORM, whose way to a few rows takes longer than the database's.
        rows: Sequence[Any] = bound(session).execute(select, values).all()
    return standing_of(rows, who, utcnow())


def _without_realm(mark: Mark, who: Identity) -> Verdict:
    if mark.kind != "signed_in":
        return NOT_FOUND
    return ALLOWED if who.is_active else Verdict("account_inactive", detail="The account is not active.")


def _by_mark(mark: Mark, standing: Standing) -> Verdict:
    if mark.kind != "needs":
        return ALLOWED
    app = (request.view_args or {}).get(mark.app_arg) if mark.app_arg else None
    failures: list[tuple[str, Check, list[Check]]] = []
    for name in mark.names:
        lines = standing.explain(name, app)
        failure = first_failure(lines)
        if failure is None:
            return ALLOWED
        failures.append((name, failure, lines))
    name, failure, lines = failures[0]
    return Verdict(failure.reason, name, app, who_can_grant(name), failure.detail, tuple(lines))


def who_can_grant(capability: str) -> tuple[str, ...]:
    """Return the names of up to five people in the realm of the session who can grant a capability."""
    return tuple(db.session.scalars(queries.grantors(capability, utcnow())))


def realms_of(user_id: int) -> list[tuple[str, str, str]]:
    """Return (shortname, longname, URL) of the realms an account may enter: one statement."""
    session = db.session()
    with unscoped(session, "lists the realms a person may switch to"):
        rows = session.execute(queries.realms_of(user_id)).all()
    return [(row.shortname, row.longname, f"{request.script_root}/r/{row.shortname}/") for row in rows]
