"""Pages of configurations: the plans of jobs, their versions and how these differ."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.changes.actor import current_actor
from app.db import db
from app.jobs import asked
from app.jobs.actions.configurations import archive, restore
from app.jobs.api.shapes import plan_of
from app.jobs.curl import ways
from app.jobs.forms_plans import as_json
from app.jobs.models import JobConfiguration
from app.jobs.queries import plans as queries
from app.jobs.queries import sight as seen
from app.jobs.reads import configurations as reads
from app.web.blueprints import realm_blueprint
from app.web.found import Found
from app.web.guard import needs
from app.web.listing import Listing
from app.web.live import about
from app.web.page import page

bp = realm_blueprint("configurations", __name__, "/jobs/configurations")
FILTERS = ("tag", "provider", "versions", "archived")
FIELDS: dict[str, Any] = {
    "id": lambda one: one.row.id,
    "tag": lambda one: one.row.tag,
    "name": lambda one: one.row.name,
    "version": lambda one: one.row.version,
    "latest": lambda one: one.is_latest,
    "provider": lambda one: one.provider,
    "steps": lambda one: plan_of(one.plan),
    "archived": lambda one: one.row.archived_at is not None,
    "created_at": lambda one: one.row.created_at,
}


@bp.get("")
@needs("jobs.read")
def index() -> ResponseReturnValue:
    """List the latest configuration of each tag, with its other versions; all of them where the URL asks for it."""
    asked.not_for_customers()
    about("job_configuration")
    listing = Listing.from_args(request.args, sorts=("-id", "tag"), filters=FILTERS)
    wanted = queries.Wanted(
        tag=listing.get("tag"),
        provider=listing.get("provider").lower(),
        versions=listing.get("versions") == "all",
        archived=bool(listing.get("archived")),
    )
    select = queries.listed(wanted, seen.configurations(asked.sight()))
    rest = [queries.speaks_of(listing.q)] if listing.q else []
    found = Found(listing, select, queries.SORTS, FIELDS, "configurations", rest=rest, prepare=reads.prepared)
    return found.answer("jobs/configurations/index.html")


@bp.get("/<int:configuration_id>")
@needs("jobs.read")
def show(configuration_id: int) -> ResponseReturnValue:
    """Show one configuration; ``?against=`` another version of its tag: what differs."""
    one = opened(configuration_id)
    against = asked.number(request.args.get("against", ""), "against")
    if against is None and len(one.versions) > 1 and "against" not in request.args:
        older = [id_ for id_, _ in one.versions if id_ < one.row.id]
        against = older[0] if older else None
    other = opened(against) if against is not None else None
    if other is not None and (other.row.tag, other.row.provider_id) != (one.row.tag, one.row.provider_id):
        raise NotFound
    return page(
        "jobs/configurations/show.html",
        one=one,
        row=one.row,
        compared=reads.compared(db.session(), one, other.row) if other is not None else None,
        copied=as_json(one.row.tag, one.row.name, one.row.version, one.plan.steps),
        ways=ways(request.host_url, one.row.tag, [step.tag for step in one.plan.steps]),
    )


@bp.post("/<int:configuration_id>/archival")
@needs("jobs.write")
def archive_tag(configuration_id: int) -> ResponseReturnValue:
    """Hide the tag with all its versions from pickers: 303; 409 when it is archived already."""
    asked.not_for_customers()
    one, session = opened(configuration_id), db.session()
    rows = list(session.scalars(queries.of_tag(one.row.provider_id, one.row.tag)))
    archive(session, rows, request.form.get("why", "").strip(), current_actor())
    session.commit()
    flash(f"{one.row.tag} was archived; its runs stay.")
    return redirect(url_for(".show", configuration_id=configuration_id), 303)


@bp.post("/<int:configuration_id>/restoration")
@needs("jobs.write")
def restore_tag(configuration_id: int) -> ResponseReturnValue:
    """Show the tag in pickers again: 303; 409 when it is not archived."""
    asked.not_for_customers()
    one, session = opened(configuration_id), db.session()
    restore(session, list(session.scalars(queries.of_tag(one.row.provider_id, one.row.tag))), current_actor())
    session.commit()
    flash(f"{one.row.tag} is in use again.")
    return redirect(url_for(".show", configuration_id=configuration_id), 303)


def opened(configuration_id: int) -> reads.Listed:
    """Return a configuration among the rows of the account with its versions; raises NotFound, and 403 for customers.

    Three statements.
    """
    asked.not_for_customers()
    session, mine = db.session(), seen.configurations(asked.sight())
    select = queries.listed(queries.Wanted(versions=True, archived=True), mine)
    row = None
    if configuration_id < asked.BIGGEST:
        row = session.execute(select.where(JobConfiguration.id == configuration_id)).one_or_none()
    if row is None:
        raise NotFound
    return reads.prepared(session, [row])[0]
