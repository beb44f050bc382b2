"""Tags and owners as such: what there is, how much carries each, and other names for those people added."""

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, Flask, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from app.changes.actor import current_actor
from app.db import db
from app.lineage.actions import labels as acts
from app.lineage.queries import labels as queries
from app.lineage.reads.labels import Label, labels
from app.refusal import Refused
from app.web.blueprints import realm_blueprint
from app.web.forms import BaseForm
from app.web.found import Found
from app.web.guard import needs
from app.web.listing import Listing
from app.web.nav import nav_item
from app.web.page import page

FIELDS: Final[dict[str, Callable[[Label], object]]] = {
    "name": lambda row: row.value,
    "datasets": lambda row: row.datasets,
    "columns": lambda row: row.columns,
    "jobs": lambda row: row.jobs,
    "added_by_people": lambda row: row.added,
}
tags = realm_blueprint("tags", __name__, "/lineage/tags")
owners = realm_blueprint("owners", __name__, "/lineage/owners")
WHAT: Final = {"tags": "tag", "owners": "owner"}


class RenameForm(BaseForm):
    """Another name for a tag or an owner."""

    name = HiddenField()
    into = StringField(
        "New name",
        [InputRequired("Enter the new name."), Length(max=200, message="Use at most 200 characters.")],
        description="A name that is there already joins the two.",
    )


def init(app: Flask) -> None:
    """Register the second blueprint and the navigation."""
    app.register_blueprint(owners)
    nav_item("Data", "Tags", "tags.index", ("lineage.read",), "tag", 60)
    nav_item("Data", "Owners", "owners.index", ("lineage.read",), "users", 70)


def _what() -> str:
    return WHAT[str(request.blueprint)]


@owners.get("")
@tags.get("")
@needs("lineage.read")
def index() -> ResponseReturnValue:
    """List the tags, or the owners, by name; ``q`` is looked for inside of names."""
    what = _what()
    listing = Listing.from_args(request.args, sorts=("name",))
    select, column = queries.values(what, listing.q)

    def prepare(session: Session, rows: list[Any]) -> list[Label]:
        return labels(session, what, [_value(row) for row in rows])

    found = Found(listing, select, {"name": column}, FIELDS, f"{what}s", key=column, prepare=prepare)
    return found.answer("lineage/labels/index.html", what=what)


def _value(row: Any) -> str:
    return row if isinstance(row, str) else str(row[0])


@owners.get("/renaming")
@tags.get("/renaming")
@needs("lineage.write")
def renaming() -> ResponseReturnValue:
    """Show what another name would change: ``name`` is the present one, ``into`` the new one."""
    form = RenameForm(request.args)
    found = None
    if form.into.data:
        try:
            found = acts.preview(db.session(), _what(), form.name.data or "", form.into.data)
        except Refused as refusal:
            if refusal.status == 404:  # noqa: PLR2004 - nothing carries the name
                raise
            form.refuse(refusal)
    else:
        acts.check_known(db.session(), _what(), form.name.data or "")
    return page("lineage/labels/renaming.html", 422 if form.errors else 200, what=_what(), form=form, found=found)


@owners.post("/renaming")
@tags.post("/renaming")
@needs("lineage.write")
def rename() -> ResponseReturnValue:
    """Rename it where people added it: 303 to the list, or 422 with the form and what is wrong with it."""
    form, what = RenameForm(request.form), _what()
    if form.validate():
        try:
            found = acts.rename(db.session(), what, form.name.data or "", form.into.data or "", current_actor())
        except Refused as refusal:
            db.session.rollback()
            if refusal.status == 404:  # noqa: PLR2004 - nothing carries the name
                raise
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(f"{form.into.data} is the name on {found.things:,} {'thing' if found.things == 1 else 'things'} now.")
            return redirect(url_for(".index", q=form.into.data), 303)
    return page("lineage/labels/renaming.html", 422, what=what, form=form, found=None)


bp: Blueprint = tags
