"""Members of a realm, and the people asked to join it; for holders of auth."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import queries
from app.accounts.actions import invitations as acts
from app.accounts.forms import InvitationForm
from app.accounts.models import Invitation, Membership, Role
from app.accounts.views.profile import me
from app.changes.actor import current_actor
from app.db import db, utcnow
from app.refusal import Refused
from app.web.blueprints import realm_blueprint
from app.web.capabilities import capabilities
from app.web.forms import choices
from app.web.found import Found
from app.web.guard import needs
from app.web.listing import Listing
from app.web.page import page

bp = realm_blueprint("users", __name__, "/accounts/users")

SORTS = {"joined": Membership.created_at}
FIELDS = {
    "id": lambda member: member.user_id,
    "name": lambda member: member.user.name,
    "display_name": lambda member: member.user.display_name,
    "email": lambda member: member.user.email,
    "kind": lambda member: member.user.kind.value,
    "role": lambda member: member.role.value,
    "active": lambda member: member.user.active,
    "joined_at": lambda member: member.created_at,
    "added_by": lambda member: member.created_by,
}


@bp.get("")
@needs("auth", "report")
def index() -> ResponseReturnValue:
    """List members; ``?q=`` searches names and addresses, ``?role=`` and ``?kind=`` narrow."""
    listing = Listing.from_args(request.args, sorts=("-joined",), filters=("role", "kind"))
    select = queries.members(text=listing.q, role=listing.get("role"), kind=listing.get("kind"))
    invited = db.session.scalars(queries.open_invitations(utcnow()).limit(50)).all()
    return Found(listing, select, SORTS, FIELDS, "users").answer("accounts/users/index.html", invited=invited)


@bp.get("/invitations/new")
@needs("auth")
def ask() -> ResponseReturnValue:
    """Show the form that asks somebody in."""
    return page("accounts/invitations/form.html", form=_form())


@bp.post("/invitations")
@needs("auth")
def invite() -> ResponseReturnValue:
    """Make an invitation and show its link once: 201, or 422 with the form and what is wrong."""
    form = _form()
    if form.validate():
        draft = acts.InvitationDraft(form.email.data or "", Role(form.role.data), tuple(form.caps.data or ()))
        try:
            row, token = acts.invite(db.session(), draft, by=me(), grantable=_grantable(), actor=current_actor())
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            return _shown(row, token)
    return page("accounts/invitations/form.html", 422, form=form)


@bp.post("/invitations/<uuid:invitation_id>/deletion")
@needs("auth")
def withdraw(invitation_id: UUID) -> ResponseReturnValue:
    """Make the link of an open invitation useless: 303."""
    row = acts.withdraw(db.session(), invitation_id, actor=current_actor())
    db.session.commit()
    flash(f"The invitation of {row.email} was withdrawn.")
    return redirect(url_for(".index"), 303)


def _grantable() -> dict[str, str]:
    """Return what an invitation may carry: realm-level capabilities but root."""
    return {cap.name: cap.description for cap in capabilities().values() if cap.level == "realm" and cap.name != "root"}


def _form() -> InvitationForm:
    form = InvitationForm(request.form)
    form.caps.choices = choices((name, f"{name}: {description}") for name, description in _grantable().items())
    return form


def _shown(row: Invitation, token: str) -> ResponseReturnValue:
    link = url_for("invitations.show", token=token, _external=True)
    response = page("accounts/invitations/issued.html", 201, invitation=row, link=link)
    response.headers["Cache-Control"] = "no-store"
    return response
