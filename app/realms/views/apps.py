"""The apps of the realm: what schemas and rulesets belong to, and who holds something on each."""

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.changes.actor import current_actor
from app.db import db, utcnow
from app.realms.actions.apps import AppDraft, add_app, remove_app, rename_app
from app.realms.forms.apps import AppForm, LongnameForm
from app.realms.models import App
from app.realms.queries import apps as queries
from app.realms.reads.contents import AppRow, in_use, rulesets_by_slice, uses_of
from app.realms.seen import found_app, seen_apps
from app.refusal import Refused
from app.web.blueprints import realm_blueprint
from app.web.found import Found
from app.web.guard import member, needs
from app.web.listing import Listing
from app.web.page import page

bp = realm_blueprint("apps", __name__, "/realms/apps")

FIELDS = {
    "name": lambda row: row.app.shortname,
    "longname": lambda row: row.app.longname,
    "setby": lambda row: row.app.setby,
    "setat": lambda row: row.app.setat,
    "users": lambda row: row.users,
    "rulesets": lambda row: row.rulesets,
}


def found() -> Found:
    """Return the apps the URL asks for, of those the person may see."""
    listing = Listing.from_args(request.args, sorts=("name",))
    select = queries.apps(among=seen_apps(g.standing))
    rest = queries.narrower(listing.q)
    return Found(listing, select, queries.SORTS, FIELDS, "apps", key=App.id, rest=rest, prepare=prepared)


def prepared(session: Session, rows: list[App]) -> list[AppRow]:
    """Return apps with their counts."""
    return in_use(session, rows)


@bp.get("")
@member
def index() -> ResponseReturnValue:
    """List apps by name: all for root, report and auth, else those one holds something on."""
    return found().answer("realms/apps/index.html")


@bp.get("/new")
@needs("root")
def new() -> ResponseReturnValue:
    """Show the form for an app."""
    return page("realms/apps/form.html", form=AppForm())


@bp.post("")
@needs("root")
def create() -> ResponseReturnValue:
    """Make an app: 303 to its page, or the form with what is wrong (422; 409 when the name is taken)."""
    form, status = AppForm(request.form), 422
    if form.validate():
        try:
            app = add_app(db.session(), AppDraft(form.name.data or "", form.longname.data or ""), actor=current_actor())
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
            status = refusal.status
        else:
            db.session.commit()
            flash(f"App {app.shortname} was made.")
            return redirect(url_for(".show", name=app.shortname), 303)
    return page("realms/apps/form.html", status, form=form)


@bp.get("/<name>")
@member
def show(name: str) -> ResponseReturnValue:
    """Show an app, who holds what on it and where it is used; a number leads to the app the change log means."""
    app = found_app(name, g.standing)
    if app.shortname != name:
        return redirect(url_for(".show", name=app.shortname), 303)
    return _page(app, LongnameForm(data={"longname": app.longname}))


@bp.post("/<name>")
@needs("root")
def edit(name: str) -> ResponseReturnValue:
    """Give an app another long name: 303 to its page, or the page with what is wrong."""
    form = LongnameForm(request.form)
    app = found_app(name, g.standing)
    if not form.validate():
        return _page(app, form, 422)
    app = rename_app(db.session(), name, form.longname.data or "", actor=current_actor())
    db.session.commit()
    flash(f"App {app.shortname} is now called {app.longname}.")
    return redirect(url_for(".show", name=app.shortname), 303)


@bp.post("/<name>/deletion")
@needs("root")
def destroy(name: str) -> ResponseReturnValue:
    """Delete an app with every grant on it: 303 to the list; 409 while a slice uses it."""
    gone = remove_app(db.session(), name, actor=current_actor())
    db.session.commit()
    flash(f"App {gone.name} was deleted, with {gone.grants} {'grant' if gone.grants == 1 else 'grants'} on it.")
    return redirect(url_for(".index"), 303)


def _page(app: App, form: LongnameForm, status: int = 200) -> ResponseReturnValue:
    session = db.session()
    return page(
        "realms/apps/show.html",
        status,
        app=app,
        form=form,
        held=session.execute(queries.grants_on(app.id).limit(200)).all(),
        slices=rulesets_by_slice(session, app),
        uses={table: number for table, number in uses_of(session, app).items() if number},
        now=utcnow(),
    )
