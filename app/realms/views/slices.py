"""The slices of the realm: what is on, what will be, and what is in each."""

from datetime import datetime

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from app.changes.actor import current_actor
from app.db import db, utcnow
from app.realms.actions.cloning import SliceDraft, add_slice
from app.realms.forms.slices import PurgeForm, ScheduleForm, SliceForm
from app.realms.models import App, RealmSlice
from app.realms.queries import slices as queries
from app.realms.reads.contents import apps_in, rows_in
from app.refusal import Refused
from app.web.blueprints import realm_blueprint
from app.web.forms import choices
from app.web.found import Found
from app.web.guard import needs
from app.web.listing import Listing
from app.web.page import page
from app.web.whole import whole

bp = realm_blueprint("slices", __name__, "/realms/slices")

LARGEST_ID, MOST = 2**63 - 1, 200
FIELDS = {
    "id": lambda row: row[0].id,
    "descr": lambda row: row[0].descr,
    "active": lambda row: row[0].is_on(utcnow()),
    "activateat": lambda row: row[0].activateat,
    "deactivateat": lambda row: row[0].deactivateat,
    "default": lambda row: bool(row[1]),
    "copied_from": lambda row: row[0].copied_from,
    "createdat": lambda row: row[0].createdat,
    "createdby": lambda row: row[0].createdby,
    "editedat": lambda row: row[0].editedat,
    "editedby": lambda row: row[0].editedby,
}


def found() -> Found:
    """Return the slices the URL asks for."""
    listing = Listing.from_args(request.args, sorts=("id",))
    rest = queries.narrower(listing.q)
    return Found(listing, queries.slices(), queries.SORTS, FIELDS, "slices", key=RealmSlice.id, rest=rest)


def found_slice(slice_id: int) -> tuple[RealmSlice, bool]:
    """Return a slice and whether it is the default; raises NotFound where it is not of this realm."""
    row = db.session.execute(queries.slices().where(RealmSlice.id == slice_id)).one_or_none()
    if row is None:
        raise NotFound
    return row[0], bool(row[1])


def told(row: RealmSlice, now: datetime) -> tuple[str, datetime | None]:
    """Return what will happen to a slice, ``on`` or ``off``, and when; nothing is an empty word."""
    if row.activateat is not None and row.activateat > now:
        return "on", row.activateat
    if row.deactivateat is not None and row.deactivateat > now:
        return "off", row.deactivateat
    return "", None


@bp.get("")
@needs("report")
def index() -> ResponseReturnValue:
    """List the slices, whether they are on now, and what is scheduled."""
    return found().answer("realms/slices/index.html", now=utcnow(), told=told)


@bp.get("/new")
@needs("root")
def new() -> ResponseReturnValue:
    """Show the form for a slice; ``?copy_of=`` chooses what it begins with."""
    form = _form()
    form.copy_of.data = request.args.get("copy_of", "")
    return page("realms/slices/form.html", form=form)


@bp.post("")
@needs("root")
def create() -> ResponseReturnValue:
    """Make a slice: 303 to its page, or 422 with the form."""
    form = _form()
    if form.validate():
        source = form.copy_of.data or ""
        number = whole(source, LARGEST_ID)
        copy_of = None if not source else 0 if number is None else number
        draft = SliceDraft(form.descr.data, copy_of, tuple(form.apps.data) if form.apps.data else None)
        try:
            row = add_slice(db.session(), draft, actor=current_actor())
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(f"Slice {row.id} was made" + (f" from slice {row.copied_from}." if row.copied_from else "."))
            return redirect(url_for(".show", slice_id=row.id), 303)
    return page("realms/slices/form.html", 422, form=form)


@bp.get("/<int:slice_id>")
@needs("report")
def show(slice_id: int) -> ResponseReturnValue:
    """Show one slice: whether it is on, its schedule, what is in it, and what may be done."""
    return slice_page(slice_id)


def slice_page(
    slice_id: int, status: int = 200, *, switch: ScheduleForm | None = None, purging: PurgeForm | None = None
) -> ResponseReturnValue:
    """Render the page of a slice, with a form that was refused."""
    row, is_default = found_slice(slice_id)
    session, now = db.session(), utcnow()
    return page(
        "realms/slices/show.html",
        status,
        slice=row,
        is_default=is_default,
        is_on=row.is_on(now),
        told=told(row, now),
        apps=apps_in(session, row.id),
        counts=rows_in(session, row.id),
        wrong=switch or purging,
        switch=switch or ScheduleForm(),
        purging=purging or PurgeForm(),
    )


def _form() -> SliceForm:
    form = SliceForm(request.form)
    rows = db.session.scalars(select(RealmSlice).order_by(RealmSlice.id).limit(MOST))
    offered = [(str(row.id), f"A copy of slice {row.id}" + (f": {row.descr}" if row.descr else "")) for row in rows]
    form.copy_of.choices = choices([("", "Nothing"), *offered])
    apps = db.session.scalars(select(App).order_by(App.shortnamelc).limit(MOST))
    form.apps.choices = choices((app.shortnamelc, app.shortname) for app in apps)
    return form
