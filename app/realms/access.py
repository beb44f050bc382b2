"""Why may somebody, or why not: the decision asked for anybody, anything and any moment."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.queries import user_named
from app.db import utcnow
from app.realms.actions.ledger import SHOWN, apps_by_name, unknown_names
from app.realms.capabilities import Standing, first_failure
from app.realms.decision import find_standing, who_can_grant
from app.realms.models import Realm
from app.realms.queries.people import granted_at
from app.realms.reads.past import past
from app.refusal import Problem, Refused
from app.web.guard import Check
from app.web.identity import Identity


@dataclass(frozen=True, slots=True)
class Question:
    """Whether an account may do something, on an app, at a moment; None is any app, and now."""

    user: str
    cap: str
    app: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no, the first line that failed, every line, and who could grant what is missing."""

    user: User
    cap: str
    app: str | None
    at: datetime
    allow: bool
    reason: str
    checks: list[Check]
    can_grant: tuple[str, ...]


def answer(session: Session, question: Question) -> Answer:
    """Answer a question about the realm of the session, by the function that decides on requests.

    Raises Refused naming each of ``user``, ``cap`` and ``app`` that this realm does not know (422).
    """
    cap, app = question.cap.strip().lower(), (question.app or "").strip().lower() or None
    standing = standing_at(session, question.user, question.at)
    problems = unknown_names([cap], [app] if app else [], apps_by_name(session))
    if standing is None:
        told = question.user.strip()[:SHOWN]
        problems.insert(0, Problem("unknown_user", f"There is no account “{told}” in this realm.", "user", told))
    if problems or standing is None:
        raise Refused(*(replace(one, field=one.field and one.field.removesuffix("s")) for one in problems))
    checks = standing.explain(cap, app)
    failure = first_failure(checks)
    helpers = who_can_grant(cap) if failure is not None and failure.check in ("grant", "app") else ()
    user = session.get_one(User, standing.who.user_id)
    reason = failure.reason if failure else "allowed"
    return Answer(user, cap, app, standing.at, failure is None, reason, checks, helpers)


def standing_at(session: Session, name: str, at: datetime | None = None) -> Standing | None:
    """Return what an account is and holds in the realm of the session at a moment; None when it is unknown here.

    For a moment that is over the change log tells what was revoked since, and what was not granted yet is left out.
    """
    user = session.scalar(user_named(name)) if name.strip() else None
    if user is None:
        return None
    who = Identity(user.id, user.name, user.display_name, user.active)
    found = find_standing(who, Realm.id == session.info["realm_id"])
    if found is None or not found.is_known_here:
        return None
    return found if at is None else as_of(session, replace(found, at=at), now=utcnow())


def as_of(session: Session, standing: Standing, *, now: datetime) -> Standing:
    """Return a standing of the rows of today as it was at its moment, when that is over."""
    if standing.at >= now:
        return standing
    then, name = past(session, standing.at), standing.who.name
    set_at = {row.id: row.setat for row in session.execute(granted_at(standing.who.user_id))}
    kept = [one for one in standing.held if set_at.get(one.id, now) <= standing.at]
    return replace(
        standing,
        held=(*kept, *then.grants.get(name, ())),
        deactivated=then.block(name, standing.deactivated),
        realm_deactivated=then.closed(standing.realm_deactivated),
    )


def moment(text: str) -> datetime | None:
    """Return the moment of a text like ``2036-01-05`` or ``2036-01-05T12:00Z``, in UTC without a zone; None for none.

    Raises Refused ``bad_time`` for anything else.
    """
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        words = "Use a time like 2036-05-03 or 2036-05-03T14:02:00Z."
        raise Refused(Problem("bad_time", words, "at", text[:SHOWN])) from None
    return found


def plain(checks: Iterable[Check]) -> list[dict[str, object]]:
    """Return the lines as programs read them; what counts only sometimes is there only then."""
    return [
        {"check": one.check, "ok": one.ok, "detail": one.detail}
        | ({"grant": one.grant} if one.grant is not None else {})
        | ({} if one.ok else {"reason": one.reason})
        for one in checks
    ]
