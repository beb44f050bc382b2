"""Cancelling and trying again many runs: those marked in the list, or all that match its filters."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.accounts.models import User
from app.changes.actor import current_actor
from app.db import db
from app.jobs import asked
from app.jobs.actions.ending import request_cancel
from app.jobs.actions.opening import retry
from app.jobs.forms import CancelForm
from app.jobs.models import Job, Run
from app.jobs.queries import runs as queries
from app.jobs.queries import sight as seen
from app.jobs.queries.tracking import by_id
from app.jobs.reads.many import ACTS, Verdict, verdict
from app.jobs.reads.tracked import tracked
from app.jobs.views.run_list import listed
from app.jobs.views.runs import bp
from app.refusal import Problem, Refused
from app.web.guard import needs
from app.web.page import page
from app.web.whole import whole

MOST = 200
LONGEST_QUERY = 8_000


@dataclass(frozen=True, slots=True)
class Row:
    """A run, its job, and what will or did become of it."""

    run: Run
    job: Job
    verdict: Verdict


@bp.get("/bulk")
@needs("jobs.write")
def bulk() -> ResponseReturnValue:
    """Show what would become of the marked runs, or of all that match, with counts and reasons."""
    asked.not_for_customers()
    act = _act(request.args)
    query = request.args.get("query", "")[:LONGEST_QUERY]
    found, is_more = _all(query) if request.args.get("all") else (_marked(request.args), False)
    return _page(act, [Row(run, job, verdict(act, run, asked.sight())) for run, job in found], query, is_more=is_more)


@bp.post("/bulk")
@needs("jobs.write")
def do_bulk() -> ResponseReturnValue:
    """Do it, each run in a transaction of its own, and show what became of each: 200, or 422 with the form."""
    asked.not_for_customers()
    act, form = _act(request.form), CancelForm(request.form)
    query = request.form.get("query", "")[:LONGEST_QUERY]
    marked = _marked(request.form)
    if not form.validate():
        rows = [Row(run, job, verdict(act, run, asked.sight())) for run, job in marked]
        return _page(act, rows, query, 422, form=form)
    numbers = [run.number for run, _ in marked]
    done = {number: _do(act, number, form.why.data or None) for number in numbers}
    rows = [Row(run, job, done[run.number]) for run, job in _numbered(numbers)]
    return _page(act, rows, query, is_after=True)


def _page(
    act: str, rows: list[Row], query: str, status: int = 200, *, form: CancelForm | None = None, **more: bool
) -> ResponseReturnValue:
    counts = Counter(row.verdict for row in rows).most_common()
    given: dict[str, Any] = {"is_after": False, "is_more": False, **more}
    return page(
        "jobs/runs/bulk.html",
        status,
        act=act,
        rows=rows,
        counts=sorted(counts, key=lambda pair: not pair[0].is_done),
        number=sum(row.verdict.is_done for row in rows),
        query=query,
        form=form or CancelForm(),
        most=MOST,
        **given,
    )


def _do(act: str, number: int, why: str | None) -> Verdict:
    session, sight = db.session(), asked.sight()
    one = tracked(session, by_id(number))
    if one is None:
        return Verdict(is_done=False, words="is gone")
    # It may have gone on since the preview.
    found = verdict(act, one.run, sight)
    if found.is_done:
        try:
            if act == "cancel":
                request_cancel(session, one, why, current_actor())
            else:
                provider = session.get_one(User, one.run.provider_id)
                retry(session, one, provider, current_actor())
        except Refused as refusal:
            found = Verdict(is_done=False, words=refusal.problems[0].detail)
    session.commit() if found.is_done else session.rollback()
    return found


def _act(given: MultiDict[str, str]) -> str:
    return asked.one_of(given.get("act", ""), ACTS, "act") or ACTS[0]


def _all(query: str) -> tuple[list[tuple[Run, Job]], bool]:
    """Return the runs that a list's query leaves, and whether there are more than may be changed at once."""
    found = listed(asked.runs_of(MultiDict(parse_qsl(query))))
    whole_list = replace(found, listing=replace(found.listing, limit=MOST + 1, cursor=None, format=""))
    rows = [(row[0], row[1]) for row in whole_list.page()]
    return rows[:MOST], len(rows) > MOST


def _marked(given: MultiDict[str, str]) -> list[tuple[Run, Job]]:
    texts = given.getlist("id")
    if len(texts) > MOST:
        raise Refused(Problem("too_many", f"At most {MOST} runs at once.", "id"))
    numbers = [number for text in texts if (number := whole(text, asked.BIGGEST - 1)) is not None]
    return _numbered(numbers)


def _numbered(numbers: Sequence[int]) -> list[tuple[Run, Job]]:
    """Return those of the runs that the account sees, in the given order."""
    select = queries.numbered(numbers).where(*seen.rows(asked.sight()))
    found = {run.number: (run, job) for run, job in db.session.execute(select)}
    return [found[number] for number in dict.fromkeys(numbers) if number in found]
