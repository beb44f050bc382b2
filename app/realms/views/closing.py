"""Closing the whole realm, and opening it again."""

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from app.accounts.queries import keys
from app.changes.actor import current_actor
from app.db import db, utcnow
from app.realms.actions import blocking as acts
from app.realms.forms.blocking import ClosingForm
from app.realms.queries.people import people
from app.web.blueprints import realm_blueprint
from app.web.guard import needs, rescue
from app.web.page import page

bp = realm_blueprint("closing", __name__, "/realms/deactivation")
MOST = 1_000


@bp.get("")
@needs("root")
def new() -> ResponseReturnValue:
    """Show what deactivating the realm does, and the form for it."""
    return _page(ClosingForm(None))


@bp.post("")
@needs("root")
def create() -> ResponseReturnValue:
    """Deactivate the realm after its name was typed: 303, or 422 with the form."""
    form = ClosingForm(request.form)
    if form.validate() and form.confirm.data != g.realm.shortname:
        form.confirm.errors = [f"This is not {g.realm.shortname}."]
    if form.errors:
        return _page(form, 422)
    acts.deactivate_realm(db.session(), actor=current_actor())
    db.session.commit()
    flash("The realm is deactivated.")
    return redirect(url_for("realms.show"), 303)


@bp.post("/deletion")
@rescue
@needs("root")
def destroy() -> ResponseReturnValue:
    """Activate the realm again: 303, also when it was active."""
    acts.activate_realm(db.session(), actor=current_actor())
    db.session.commit()
    flash("The realm is active again.")
    return redirect(url_for("realms.show"), 303)


def _page(form: ClosingForm, status: int = 200) -> ResponseReturnValue:
    """Show the form with how many people and live keys it shuts out, counted to 1,000."""
    live = keys(states=("live",), now=utcnow())
    counts = [
        db.session.scalar(select(func.count()).select_from(one.limit(MOST).subquery())) or 0 for one in (people(), live)
    ]
    return page("realms/closing/form.html", status, form=form, people=counts[0], keys=counts[1], most=MOST)
