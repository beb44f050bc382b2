"""The page of a dataset: one URL for each tab."""

from typing import Any

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.changes.actor import current_actor
from app.db import db
from app.lineage.actions.symlinks import suppress_symlink
from app.lineage.queries import usage
from app.lineage.reads import around, columns, events, facets, quality, schemas, writes
from app.lineage.reads.kept import taken
from app.lineage.views.opened import dataset_blueprint, number, opened, tab
from app.web.export import export
from app.web.guard import needs
from app.web.keyset import keyset
from app.web.listing import Listing

bp = dataset_blueprint("dataset", __name__)
WRITE_FIELDS: dict[str, Any] = {
    "started_at": lambda row: row[0].started_at,
    "ended_at": lambda row: row[0].ended_at,
    "type": lambda row: row[0].type,
    "rows": lambda row: row[0].num_rows,
    "bytes": lambda row: row[0].num_bytes,
    "files": lambda row: row[0].num_files,
    "run": lambda row: row[1].id,
    "status": lambda row: row[1].status,
    "job_namespace": lambda row: row[2].namespace,
    "job": lambda row: row[2].name,
}
INTERACTION_FIELDS: dict[str, Any] = {
    "direction": lambda row: row[0].direction,
    **WRITE_FIELDS,
    "types": lambda row: row[0].types.split(","),
    "schema": lambda row: row[0].schema_id,
    "condition": lambda row: row[0].condition,
    "connected_as": lambda row: row[0].connect_as_name,
}


def _ids() -> list[int]:
    return opened().ids


def _least() -> int | None:
    expectation = opened().expectation
    return expectation.min_rows if expectation is not None else None


@bp.get("")
@needs("lineage.read")
def show() -> ResponseReturnValue:
    """Show the most asked: freshness, rows lately, what stands around it, columns, other names."""
    session, ids = db.session(), _ids()
    datasets = [name.dataset for name in g.head.names]
    return tab(
        "overview",
        points=writes.charted(session, ids, _least()),
        around=around.around(session, ids),
        columns=schemas.fields_of(session, {schemas.current_schema(datasets)}),
        health=quality.Health(quality.checked(session, ids), [], []),
        links=events.other_names(session, g.head),
        least=_least(),
    )


@bp.get("/schema")
@needs("lineage.read")
def schema() -> ResponseReturnValue:
    """Show columns and versions; ``version`` picks one, ``against`` compares it with another."""
    session, ids = db.session(), _ids()
    links = columns.counts(columns.column_links(session, ids))
    datasets = [name.dataset for name in g.head.names]
    found = schemas.shape(session, datasets, g.head.about, links, number("version"), number("against"))
    return tab("schema", shape=found)


@bp.get("/history")
@needs("lineage.read")
def history() -> ResponseReturnValue:
    """List the writes, newest first, with rows over time as a chart."""
    listing = Listing.from_args(request.args, sorts=("-at", "at"))
    select, session = usage.writes(_ids()), db.session()
    if listing.format:
        return export(listing, select, usage.WRITES_SORTS, WRITE_FIELDS, name="writes", key=usage.WRITES_KEY)
    rows = keyset(select, listing, usage.WRITES_SORTS, key=usage.WRITES_KEY)
    found, points = writes.writes_of(rows.rows), writes.charted(session, _ids(), _least())
    return tab(
        "history",
        listing=listing,
        page=rows,
        rows=found,
        points=points,
        odd=writes.flagged(session, _ids(), found, points, _least()),
        least=_least(),
        versions=facets.versions(session, _ids()),
        taken=taken(session).get("runs"),
    )


@bp.get("/quality", endpoint="quality")
@needs("lineage.read")
def checks() -> ResponseReturnValue:
    """Show checks, failing first, and measured columns."""
    return tab("quality", health=quality.health(db.session(), _ids()))


@bp.get("/runs")
@needs("lineage.read")
def runs() -> ResponseReturnValue:
    """Show which jobs write and read it, with last use, and the accounts they connected as."""
    session = db.session()
    people = session.execute(usage.people(_ids())).all()
    return tab("runs", users=around.users(session, _ids()), people=people)


@bp.get("/lineage")
@needs("lineage.read")
def lineage() -> ResponseReturnValue:
    """Show the datasets one step up and down, and where each column comes from."""
    session = db.session()
    return tab("lineage", around=around.around(session, _ids()), links=columns.column_links(session, _ids()))


@bp.get("/facets", endpoint="facets")
@needs("lineage.read")
def all_facets() -> ResponseReturnValue:
    """Show the facets by name; ``name`` opens one."""
    session, datasets = db.session(), [name.dataset for name in g.head.names]
    rows, wanted = facets.facets(session, datasets), request.args.get("name", "")
    opened = facets.opened(session, datasets, rows, wanted) if wanted else None
    return tab("facets", rows=rows, opened=opened, wanted=wanted)


@bp.get("/events", endpoint="events")
@needs("lineage.read")
def raw_events() -> ResponseReturnValue:
    """Show the newest raw events about it and about the runs that touched it."""
    return tab("events", rows=events.raw_events(db.session(), _ids()))


@bp.get("/changes")
@needs("lineage.read")
def changes() -> ResponseReturnValue:
    """Show its part of the change log, loaded by URL."""
    return tab("changes")


@bp.post("/symlinks/<int:symlink_id>/suppression")
@needs("lineage.write")
def suppress(symlink_id: int) -> ResponseReturnValue:
    """Take two names apart: 303 to the dataset; 404, 409 and 422 as ``suppress_symlink`` says."""
    link = suppress_symlink(db.session(), symlink_id, why=request.form.get("why", ""), actor=current_actor())
    db.session.commit()
    flash("The two names are things of their own now. The report stays on record.")
    return redirect(url_for(".show", dataset_id=link.dataset_id), 303)
