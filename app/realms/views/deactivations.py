"""Who is blocked, blocking people, and letting them in again."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.models import User
from app.changes.actor import current_actor
from app.db import db
from app.realms import effect, listed
from app.realms.actions import blocking as acts
from app.realms.forms.blocking import BlockForm
from app.refusal import Refused
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.page import page
from app.web.shell import may

bp = realm_blueprint("deactivations", __name__, "/realms/deactivations")


@bp.get("")
@needs("auth", "report")
def index() -> ResponseReturnValue:
    """List blocked people with what they hold; ``?user=`` narrows."""
    return listed.blocked().answer("realms/deactivations/index.html")


@bp.get("/new")
@needs("auth")
def new() -> ResponseReturnValue:
    """Show the form that blocks somebody; with ``?user=`` also what they lose by it."""
    form = BlockForm(request.args)
    if not request.args.get("user", "").strip():
        return page("realms/deactivations/form.html", form=form, effect=None)
    try:
        user = _checked(form)
    except Refused as refusal:
        form.refuse(refusal)
        return page("realms/deactivations/form.html", 422, form=form, effect=None)
    told = effect.of_blocking(db.session(), user, by=current_actor().name)
    return page("realms/deactivations/form.html", form=form, effect=told)


@bp.post("")
@needs("auth")
def create() -> ResponseReturnValue:
    """Block an account: 303, also when it is blocked already; 422 with the form and what is wrong."""
    form = BlockForm(request.form)
    if form.validate():
        try:
            user = acts.person(db.session(), form.user.data or "")
            acts.deactivate(db.session(), user, actor=current_actor(), by_root=may("root"))
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(f"{user.name} is deactivated here; what they hold stays as it is.")
            return redirect(url_for(".index"), 303)
    return page("realms/deactivations/form.html", 422, form=form, effect=None)


@bp.post("/<name>/deletion")
@needs("auth")
def destroy(name: str) -> ResponseReturnValue:
    """Let an account in again: 303, also when it was not blocked; 404 for one that is not of this realm."""
    user = acts.person(db.session(), name)
    acts.activate(db.session(), user, actor=current_actor(), by_root=may("root"))
    db.session.commit()
    flash(f"{user.name} is active here again.")
    return redirect(url_for(".index"), 303)


def _checked(form: BlockForm) -> User:
    user = acts.person(db.session(), form.user.data or "")
    acts.check_blocking(db.session(), user, by_root=may("root"))
    return user
