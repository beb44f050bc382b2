"""Letting people leave the realm."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.models import User
from app.changes.actor import current_actor
from app.db import db
from app.realms import effect
from app.realms.actions import RevocationPlan
from app.realms.actions.blocking import person
from app.realms.actions.leaving import archive_member, check_leaving
from app.realms.fields import window
from app.realms.forms.blocking import LeavingForm
from app.refusal import Refused
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.page import page
from app.web.shell import may

CONFLICT = 409
bp = realm_blueprint("leaving", __name__, "/realms/people")


@bp.get("/<name>/archive")
@needs("auth")
def new(name: str) -> ResponseReturnValue:
    """Show what an account loses by leaving, or why it has to stay; 404, and 403 for holders of root."""
    user = person(db.session(), name)
    try:
        return _page(LeavingForm(None), user)
    except Refused as refusal:
        if refusal.status != CONFLICT:
            raise
        return page("realms/people/staying.html", account=user, why=str(refusal))


@bp.post("/<name>/archival")
@needs("auth")
def create(name: str) -> ResponseReturnValue:
    """Archive an account in this realm: 303, or 422 with the form and what is wrong."""
    user, form = person(db.session(), name), LeavingForm(request.form)
    if form.validate():
        try:
            archive_member(db.session(), user, form.why.data or "", actor=current_actor(), by_root=may("root"))
        except Refused as refusal:
            db.session.rollback()
            if refusal.status != 422:  # noqa: PLR2004 - of HTTP
                raise
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(f"{user.name} no longer belongs to this realm.")
            return redirect(url_for("users.index"), 303)
    return _page(form, user, 422)


def _page(form: LeavingForm, user: User, status: int = 200) -> ResponseReturnValue:
    rows = check_leaving(db.session(), user, by_root=may("root"))
    told = effect.of_revocation(db.session(), RevocationPlan(user, rows)) if rows else None
    return page("realms/people/leaving.html", status, form=form, account=user, rows=rows, window=window, effect=told)
