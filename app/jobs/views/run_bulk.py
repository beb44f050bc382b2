"""Cancelling and trying again many runs: those marked in the list, or all that match its filters."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.jobs import asked
from app.jobs.api.bulk import LONGEST_QUERY, MOST, Row, carried_out, counted, matching, numbered, preview
from app.jobs.forms import CancelForm
from app.jobs.models import Job, Run
from app.jobs.reads.many import ACTS
from app.jobs.views.runs import bp
from app.web.guard import needs
from app.web.page import page
from app.web.whole import whole


@bp.get("/bulk")
@needs("jobs.write")
def bulk() -> ResponseReturnValue:
    """Show what would become of the marked runs, or of all that match, with counts and reasons."""
    asked.not_for_customers()
    act, query = _act(request.args), request.args.get("query", "")[:LONGEST_QUERY]
    found, is_more = matching(query) if request.args.get("all") else (_marked(request.args), False)
    return _page(act, preview(act, found), query, is_more=is_more)


@bp.post("/bulk")
@needs("jobs.write")
def do_bulk() -> ResponseReturnValue:
    """Do it, each run in a transaction of its own, and show what became of each: 200, or 422 with the form."""
    asked.not_for_customers()
    act, form = _act(request.form), CancelForm(request.form)
    query, marked = request.form.get("query", "")[:LONGEST_QUERY], _marked(request.form)
    if not form.validate():
        return _page(act, preview(act, marked), query, 422, form=form)
    rows = carried_out(act, [run.number for run, _ in marked], form.why.data or None)
    return _page(act, rows, query, is_after=True)


def _page(
    act: str, rows: list[Row], query: str, status: int = 200, *, form: CancelForm | None = None, **more: bool
) -> ResponseReturnValue:
    given: dict[str, Any] = {"is_after": False, "is_more": False, **more}
    return page(
        "jobs/runs/bulk.html",
        status,
        act=act,
        rows=rows,
        counts=counted(rows),
        number=sum(row.verdict.is_done for row in rows),
        query=query,
        form=form or CancelForm(),
        most=MOST,
        **given,
    )


def _act(given: MultiDict[str, str]) -> str:
    return asked.one_of(given.get("act", ""), ACTS, "act") or ACTS[0]


def _marked(given: MultiDict[str, str]) -> list[tuple[Run, Job]]:
    return numbered([number for text in given.getlist("id") if (number := whole(text, asked.BIGGEST - 1)) is not None])
