"""Taking capabilities back; each shows what it takes before it does."""

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.changes.actor import current_actor
from app.db import db
from app.realms import effect
from app.realms.actions import RevocationDraft, RevocationPlan, plan_of_grant, plan_revocation, revoke, revoke_grant
from app.realms.fields import window
from app.realms.forms import RevocationForm
from app.realms.models import App
from app.refusal import Refused
from app.web.blueprints import realm_blueprint
from app.web.capabilities import capabilities
from app.web.forms import choices
from app.web.guard import needs
from app.web.page import page
from app.web.shell import may

bp = realm_blueprint("revocations", __name__, "/realms/grants")


@bp.get("/<int:grant_id>/effect")
@needs("auth")
def ask(grant_id: int) -> ResponseReturnValue:
    """Show what taking one grant back would do; 404, 403 and 409 as `revoke_grant` says."""
    plan = plan_of_grant(db.session(), grant_id, by_root=may("root"))
    return _shown(plan, url_for(".destroy", grant_id=grant_id), [])


@bp.post("/<int:grant_id>/deletion")
@needs("auth")
def destroy(grant_id: int) -> ResponseReturnValue:
    """Take a grant back: 303; 404 for one that is not here, 403 and 409 as `revoke_grant` says."""
    gone = revoke_grant(db.session(), grant_id, actor=current_actor(), by_root=may("root"))
    db.session.commit()
    flash(f"{gone['user']} no longer holds {gone['cap']}" + (f" on {gone['app']}." if gone["app"] else "."))
    return redirect(url_for("grants.index"), 303)


@bp.get("/revocation")
@needs("auth")
def new() -> ResponseReturnValue:
    """Show the form that takes back several grants of an account; ``?user=`` fills it in."""
    return page("realms/grants/revocation.html", form=_form(request.args))


@bp.post("/revocation/preview")
@needs("auth")
def preview() -> ResponseReturnValue:
    """Show what would be taken back, and change nothing; 422 with the form and what is wrong."""
    form = _form(request.form)
    if form.validate():
        try:
            plan = plan_revocation(db.session(), _draft(form), by_root=may("root"))
        except Refused as refusal:
            form.refuse(refusal)
        else:
            kept = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
            return _shown(plan, url_for(".create"), kept)
    return page("realms/grants/revocation.html", 422, form=form)


@bp.post("/revocation")
@needs("auth")
def create() -> ResponseReturnValue:
    """Take back what an account holds, as the form narrows it: 303, or 422 with the form and what is wrong."""
    form = _form(request.form)
    if form.validate():
        try:
            gone = revoke(db.session(), _draft(form), actor=current_actor(), by_root=may("root"))
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            caps = ", ".join(dict.fromkeys(row["cap"] for row in gone))
            flash(f"{gone[0]['user']} no longer holds {caps}.")
            return redirect(url_for("grants.index", user=gone[0]["user"]), 303)
    return page("realms/grants/revocation.html", 422, form=form)


def _shown(plan: RevocationPlan, url: str, kept: list[tuple[str, str]]) -> Response:
    told = effect.of_revocation(db.session(), plan)
    return page("realms/grants/revoking.html", plan=plan, window=window, url=url, kept=kept, effect=told)


def _draft(form: RevocationForm) -> RevocationDraft:
    return RevocationDraft(form.user.data or "", tuple(form.caps.data or ()), tuple(form.apps.data or ()))


def _form(given: MultiDict[str, str]) -> RevocationForm:
    form = RevocationForm(given)
    form.caps.choices = choices((name, name) for name in capabilities())
    apps = db.session.scalars(select(App).order_by(App.shortnamelc))
    form.apps.choices = choices((app.shortnamelc, app.shortname) for app in apps)
    return form
