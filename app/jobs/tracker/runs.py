"""Runs: opened by programs; read by their providers, their customers and operators."""

from datetime import datetime
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from app.accounts.idempotent import idempotent
from app.accounts.models import User
from app.changes.actor import current_actor
from app.db import db
from app.jobs import asked
from app.jobs.actions.opening import RunDraft, open_run
from app.jobs.api.in_line import in_line
from app.jobs.reads.tracked import Tracked, seen
from app.jobs.times import micros, moment
from app.jobs.tracker import queries, shapes
from app.jobs.tracker.answers import JOB, PLAIN, ROOT, Nouns, of_path, told
from app.jobs.tracker.body import body
from app.jobs.tracker.given import Given
from app.jobs.tracker.parties import writer
from app.jobs.tracker.reads import all_planned, events_of, hidden, planned
from app.jobs.tracker.wrong import not_found
from app.web.blueprints import api_blueprint
from app.web.guard import needs, unlogged
from app.web.whole import whole

bp = api_blueprint("tracker_runs", __name__, ROOT)
LATEST_US = 4_000_000_000_000_000


@bp.post("/jobs", **PLAIN)
@bp.post("/studies", **PLAIN)
@needs("jobs.write")
@unlogged("a run that is known already is the answer as it is")
@in_line
@idempotent
def open_one() -> ResponseReturnValue:
    """Open a run for a customer, with the latest plan of a ``tag``, or without a plan by the name of its job."""
    session, nouns = db.session(), of_path()
    provider = writer(session)
    opened = open_run(session, _draft(body(), nouns), provider, current_actor())
    answer = told(_whole(opened.tracked, nouns, provider))
    session.commit()
    return answer


@bp.get("/jobs", **PLAIN)
@bp.get("/studies", **PLAIN)
@needs("jobs.read")
def index() -> ResponseReturnValue:
    """Answer the newest 500 runs one sees in the order they were made, without their events; ``Link`` leads on."""
    session, nouns = db.session(), of_path()
    found = session.execute(queries.runs(asked.sight(), _place(request.args.get("before", "")))).all()
    page = found[: queries.MOST]
    plans = all_planned(session, [plan for _, plan, _ in page if plan is not None], nouns)
    answer = told([
        shapes.run(run, provider, plans[plan.id] if plan is not None else None, nouns)
        for run, plan, provider in sorted(page, key=lambda row: row[0].number)
    ])  # fmt: skip
    if len(found) > queries.MOST:
        last = page[-1][0]
        answer.headers["Link"] = _link(f"{micros(last.began_at)}.{last.number}")
    return answer


@bp.get("/jobs/<int:run_number>", **PLAIN)
@bp.get("/studies/<int:run_number>", **PLAIN)
@needs("jobs.read")
def show(run_number: int) -> ResponseReturnValue:
    """Answer one run with its newest 500 events, or 404."""
    one, nouns = _seen(run_number), of_path()
    provider = db.session.get(User, one.run.provider_id) if one.run.provider_id is not None else None
    return told(_whole(one, nouns, provider))


@bp.get("/jobs/<int:run_number>/events", **PLAIN)
@bp.get("/studies/<int:run_number>/events", **PLAIN)
@needs("jobs.read")
def events(run_number: int) -> ResponseReturnValue:
    """Answer the newest 500 events of a run in the order they came, or 404; ``Link`` leads to older ones."""
    one, session, nouns = _seen(run_number), db.session(), of_path()
    before = whole(request.args.get("before", ""), asked.BIGGEST - 1)
    found, has_more = events_of(session, one.run.number, before)
    plan = planned(session, one.configuration, nouns)
    answer = told(shapes.events(found, plan, nouns, hidden(session, one, asked.sight())))
    if has_more:
        answer.headers["Link"] = _link(found[0].first.sequence)
    return answer


def _seen(run_number: int) -> Tracked:
    """Return a tracked run of the rows of the account; raises Refused (404) for any other."""
    found = seen(db.session(), run_number, asked.sight())
    if found is None or found.following is None:
        raise not_found(of_path().run.capitalize())
    return found


def _whole(one: Tracked, nouns: Nouns, provider: User | None) -> dict[str, Any]:
    session = db.session()
    plan = planned(session, one.configuration, nouns)
    found = events_of(session, one.run.number)[0] if one.run.last_event_at is not None else []
    told_of = shapes.events(found, plan, nouns, hidden(session, one, asked.sight()))
    return {**shapes.run(one.run, provider, plan, nouns), "events": told_of}


def _draft(given: Given, nouns: Nouns) -> RunDraft:
    external_id, customer = given.text(nouns.external_id), given.id(nouns.customer_id)
    name = given.maybe_text(nouns.name)
    is_oldest = nouns == JOB and not given.has("tag") and given.has(nouns.name)
    tag = None if is_oldest else given.text("tag")
    given.check()
    job = name if is_oldest else None
    return RunDraft(external_id, tag=tag, job=job, customer=customer, name=name, planned=not is_oldest)


def _place(text: str) -> tuple[datetime, int] | None:
    """Return where a page of the list begins, None for its beginning and for what no link of ours says."""
    at, _dot, number = text.partition(".")
    found = whole(at, LATEST_US), whole(number, asked.BIGGEST - 1)
    return (moment(found[0]), found[1]) if found[0] is not None and found[1] is not None else None


def _link(before: str | int) -> str:
    return f'<{request.base_url}?before={before}>; rel="next"'
