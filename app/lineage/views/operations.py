"""Pages of operations: the work that reads and writes data, within a run."""

from collections.abc import Callable
from typing import Any

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.jobs import asked
from app.jobs.models import RunStatus
from app.lineage.queries import operations as queries
from app.lineage.reads import operations as reads
from app.lineage.views.retention import gone
from app.web.blueprints import realm_blueprint
from app.web.found import Found
from app.web.guard import needs
from app.web.kinds import url_of
from app.web.listing import Listing
from app.web.page import page

bp = realm_blueprint("operations", __name__, "/lineage/operations")
SORTS = ("-started_at",)
FILTERS = ("status", "kind", "run", "job", "dataset", "since", "until")
KINDS = ("SELECT", "INSERT", "CREATE", "MERGE", "UPDATE", "DELETE", "COPY")
FIELDS: dict[str, Callable[[Any], object]] = {
    "id": lambda row: str(row[0].id),
    "name": lambda row: row[0].name,
    "run": lambda row: str(row[3].id),
    "job": lambda row: row[4].name,
    "group": lambda row: row[0].group,
    "position": lambda row: row[0].position,
    "type": lambda row: row[0].type,
    "status": lambda row: row[0].status,
    "started_at": lambda row: row[0].started_at,
    "ended_at": lambda row: row[0].ended_at,
    "duration_s": lambda row: (row[0].ended_at - row[0].started_at).total_seconds() if row[0].ended_at else None,
    "statement_kind": lambda row: row[0].statement_kind,
    "datasets_read": lambda row: row[5].inputs,
    "datasets_written": lambda row: row[5].outputs,
    "rows_in": lambda row: row[5].rows_in,
    "rows_out": lambda row: row[5].rows_out,
    "description": lambda row: row[0].description,
}


def init(app: Flask) -> None:
    """Let pages of runs and jobs show what lineage knows, add the navigation and the kind."""
    from importlib import import_module

    from app.jobs.facets import clean_with
    from app.lineage.show import shown_value
    from app.web.kinds import entity_kind
    from app.web.nav import nav_item

    import_module("app.lineage.panels_runs")
    import_module("app.lineage.panels_compare")
    clean_with(shown_value)
    nav_item("Jobs", "Operations", "operations.index", ("lineage.read",), "workflow", 40)
    entity_kind("operation", label="Operation", endpoint="operations.show", arg="operation_id")
    del app


@bp.get("")
@needs("lineage.read")
def index() -> ResponseReturnValue:
    """List operations, newest first; text is looked for in names and SQL."""
    return found().answer("lineage/operations/index.html", statuses=list(RunStatus), kinds=KINDS)


def found() -> Found:
    """Return the operations the URL asks for, with what they read and wrote."""
    listing = Listing.from_args(request.args, sorts=SORTS, filters=FILTERS)
    wanted = wanted_of(listing)
    select, rest = queries.operations(wanted), queries.narrower(wanted)
    return Found(listing, select, queries.SORTS, FIELDS, "operations", rest=rest, prepare=reads.with_flows)


def wanted_of(listing: Listing) -> queries.Wanted:
    """Return what the list's URL looks for; raises Refused on a status, number or time that is none."""
    return queries.Wanted(
        text=listing.q,
        statuses=asked.statuses(",".join(listing.all("status"))),
        kinds=listing.all("kind"),
        run=asked.number(listing.get("run"), "run"),
        job_id=asked.number(listing.get("job"), "job"),
        dataset_id=asked.number(listing.get("dataset"), "dataset"),
        since=asked.moment(listing.get("since"), "since"),
        until=asked.moment(listing.get("until"), "until"),
    )


@bp.get("/<operation_id>")
@needs("lineage.read")
def show(operation_id: str) -> ResponseReturnValue:
    """Show one operation by id; the number of its run goes to the id with 303."""
    which = asked.which(operation_id)
    if isinstance(which, int):
        found = db.session.scalar(queries.operation_id(which))
        if found is None:
            return gone("runs")
        return redirect(url_for(".show", operation_id=found), 303)
    opened = reads.opened(db.session(), which)
    if opened is None:
        return gone("runs")
    io = reads.operation_io(db.session(), opened.operation.number)
    return page("lineage/operations/show.html", opened=opened, operation=opened.operation, io=io, url_of=url_of)
