"""Events that wait at the same time share one transaction: the way in for everything that reports on runs."""

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from typing import Any, TypeVar

import structlog
from flask import current_app
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound, ServiceUnavailable

from app.combine import Busy, Combiner, Ticket
from app.db import db, scope
from app.jobs.actions.joining import find
from app.jobs.actions.reporting import Bundle, report_all
from app.jobs.api.admission import admit
from app.jobs.api.posted import Posted
from app.jobs.progress.words import Noun
from app.jobs.queries.sight import Sight, only_looks
from app.jobs.reads.tracked import Tracked
from app.refusal import Problem, Refused

log = structlog.get_logger()
PATIENCE_S = 25.0
SHORTEST_S = 0.05
Value = TypeVar("Value")


def post_events(posted: Posted) -> Any:
    """Take in events of one run together with whatever waits at the same time; return what its ``answer`` says.

    They are committed when this returns, each event by itself: a refused one (``Reported.refusal``) leaves the others,
    and no request harms another. Raises NotFound for a run the account does not see, Refused 403 for customers, 409
    for runs of OpenLineage, what ``open_run`` raises, and ServiceUnavailable when the database is busy for 25 s.

    Where the session holds its commits back (an Idempotency-Key), its own transaction is used.
    """
    session = db.session()
    if session.info.get("held"):
        _take_in(session, [posted])
    else:
        posted.realm_id = session.info.get("realm_id") or 0
        combiner: Combiner[Posted] = current_app.extensions.setdefault("headwater.jobs.combiner", Combiner(_work))
        try:
            combiner.submit(Ticket(posted, len(posted.drafts), monotonic() + PATIENCE_S))
        except Busy:
            raise ServiceUnavailable from None
    if posted.error is not None:
        raise posted.error
    return posted.result


def _work(tickets: Sequence[Ticket[Posted]]) -> None:
    """Decide who may, then take in what came for each realm in a transaction of its own."""
    live = [ticket for ticket in tickets if ticket.left > SHORTEST_S]
    session = db.session()
    mine = session.info.get("realm_id")
    admit([ticket.job for ticket in live if ticket.job.key is not None])
    by_realm: dict[int, list[Ticket[Posted]]] = {}
    for ticket in live:
        if ticket.job.error is None:
            by_realm.setdefault(ticket.job.realm_id, []).append(ticket)
        else:
            ticket.error = None
    for realm_id, same in by_realm.items():
        scope(session, realm_id)
        _together(session, same)
    session.info["realm_id"] = mine


def _together(session: Session, tickets: Sequence[Ticket[Posted]]) -> None:
    try:
        if session.get_bind().dialect.name == "sqlite":
            left = max(min(ticket.left for ticket in tickets), 1.0)
            session.connection(execution_options={"wait_ms": int(left) * 1_000})
        _take_in(session, [ticket.job for ticket in tickets])
        session.commit()
    except Exception as error:  # noqa: BLE001 - each waiting thread raises it as its own
        session.rollback()
        if len(tickets) == 1:
            tickets[0].error = error
            return
        log.warning("events do not go together", requests=len(tickets), error=str(error)[:300])
        # One of them spoils it for all; alone, each answers for itself.
        for ticket in tickets:
            if ticket.left > SHORTEST_S:
                _together(session, [ticket])
    else:
        for ticket in tickets:
            ticket.error = None


def _take_in(session: Session, many: Sequence[Posted]) -> None:
    """Take in what came, and fill in results and errors; flushes."""
    for posted in many:
        posted.result = posted.error = None
    ones = find(session, [(posted.which, _known(posted.sight), _known(posted.actor)) for posted in many])
    waiting: list[tuple[Posted, Tracked]] = []
    for posted, one in zip(many, ones, strict=True):
        posted.error = one if isinstance(one, Refused) else _refusal(_known(posted.sight), one)
        if posted.error is None and isinstance(one, Tracked):
            waiting.append((posted, one))
    while waiting:
        waiting = _round(session, waiting)


def _refusal(sight: Sight, one: Tracked | None) -> Exception | None:
    if one is None or not sight.shows(one.run):
        return NotFound()
    if sight.is_customer:
        return only_looks()
    if one.following is None:
        return Refused(Problem("not_tracked", "Runs reported by OpenLineage take OpenLineage events."), status=409)
    return None


def _round(session: Session, waiting: Sequence[tuple[Posted, Tracked]]) -> list[tuple[Posted, Tracked]]:
    """Take in what came for each run from its first sender; return the rest, for another round."""
    groups: dict[int, list[Posted]] = {}
    ones: dict[int, Tracked] = {}
    rest = []
    for posted, one in waiting:
        group = groups.setdefault(one.run.number, [])
        if group and _sender(group[0]) != _sender(posted):
            rest.append((posted, one))
        else:
            group.append(posted)
            ones[one.run.number] = one
    found = report_all(session, [_joined(ones[number], group) for number, group in groups.items()])
    for (number, group), outcomes in zip(groups.items(), found, strict=True):
        mine = iter(outcomes)
        for posted in group:
            posted.result = posted.answer(ones[number], [next(mine) for _ in posted.drafts])
    return rest


def _sender(posted: Posted) -> tuple[str, str, Noun]:
    actor = _known(posted.actor)
    return actor.name, actor.via, posted.noun


def _joined(one: Tracked, group: Sequence[Posted]) -> Bundle:
    actor = _known(group[0].actor)
    if len(group) > 1:
        actor = replace(actor, request_id=None, remote_addr=None)
    return Bundle(one, [draft for posted in group for draft in posted.drafts], actor, group[0].noun)


def _known(value: Value | None) -> Value:
    if value is None:
        raise LookupError("nobody decided who speaks")
    return value
