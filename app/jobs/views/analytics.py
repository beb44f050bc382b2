"""Analytics: the runs of a year as a chart, a table and a file; and the report of all events."""

from flask import Response, request
from flask.typing import ResponseReturnValue

from app.db import db, utcnow
from app.jobs import asked
from app.jobs.api.report import SHOWN, read_wanted, streamed
from app.jobs.queries.analytics import BY
from app.jobs.reads import analytics as reads
from app.jobs.reads import report
from app.jobs.stacked import stacked
from app.refusal import Problem, Refused
from app.web.blueprints import realm_blueprint
from app.web.export import cell, line
from app.web.guard import needs
from app.web.page import page

bp = realm_blueprint("analytics", __name__, "/jobs")
FIRST_YEAR, LAST_YEAR = 1970, 9998


@bp.get("/analytics")
@needs("jobs.read")
def show() -> ResponseReturnValue:
    """Show the runs of a year by month; ``?by=`` is what they are stacked by, ``?format=csv`` the table as a file."""
    found = read_analytics()
    if request.args.get("format") == "csv":
        return _file(found)
    chart = stacked([[month.labels[label] for label in found.series] for month in found.months]) if found else None
    return page("jobs/analytics/index.html", found=found, chart=chart, by=_by(), choices=BY, most=reads.MOST_RUNS)


@bp.get("/report")
@needs("jobs.read")
def report_page() -> ResponseReturnValue:
    """Show how many events a span of time holds and the first of them; ``?format=csv`` streams them all."""
    asked.not_for_customers()
    wanted = read_wanted()
    if request.args.get("format") == "csv":
        return streamed(wanted)
    session, sight = db.session(), asked.sight()
    return page(
        "jobs/analytics/report.html",
        wanted=wanted,
        given={name: request.args.get(name, "") for name in ("start", "end", "tag", "customer")},
        rows=report.first(session, wanted, sight, SHOWN),
        count=report.counted(session, wanted, sight),
        most=report.COUNTED,
        now=utcnow(),
    )


def read_analytics() -> reads.Analytics | None:
    """Return what the URL asks for; raises Refused 403 for customers, 422 on a year or a word that is none."""
    asked.not_for_customers()
    year = asked.number(request.args.get("year", ""), "year")
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused(Problem("bad_year", "Use a year such as 2026.", "year", str(year)[:20]))
    return reads.analytics(db.session(), asked.sight(), year, _by())


def _by() -> str:
    return asked.one_of(request.args.get("by", ""), BY, "by") or BY[0]


def _file(found: reads.Analytics | None) -> Response:
    series = found.series if found else []
    text = line(["month", *map(cell, series), "runs", "success"])
    for month in found.months if found else []:
        counts = [month.labels[label] for label in series]
        rate = "" if month.success is None else round(month.success, 4)
        text += line([f"{month.begin:%Y-%m}", *counts, month.total, rate])
    answer = Response(text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="runs-{found.year if found else "none"}.csv"'
    return answer
