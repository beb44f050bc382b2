"""Join a realm by the link of an invitation."""

from dataclasses import replace

from flask import Blueprint, current_app, flash, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.accounts import queries, tokens
from app.accounts.actions import invitations as acts
from app.accounts.actions.users import UserDraft
from app.accounts.forms import JoinForm
from app.accounts.models import Invitation, User
from app.accounts.views.profile import me
from app.accounts.views.sign_in import begin_session
from app.changes.actor import current_actor
from app.db import db, scope, unscoped, utcnow
from app.refusal import Refused
from app.web.guard import token as by_token
from app.web.identity import identity
from app.web.page import page

bp = Blueprint("invitations", __name__, url_prefix="/invitation")


@bp.get("/<token>")
@by_token("the link an invited person was given")
def show(token: str) -> ResponseReturnValue:
    """Show who asks; a form for a new account, or one button for somebody signed in."""
    row = _invitation(token)
    return _page(row, token, JoinForm(), 200)


@bp.post("/<token>")
@by_token("the link an invited person was given")
def accept(token: str) -> ResponseReturnValue:
    """Join: 303 to the start page, signed in; 422 with the form and what is wrong; 404 when the link is used up."""
    row = _invitation(token)
    if identity() is not None:
        acts.join(db.session(), row, me(), actor=current_actor())
        db.session.commit()
        flash("Welcome.")
        return redirect("/", 303)
    form = JoinForm(request.form)
    if form.validate():
        draft = UserDraft(form.name.data or "", form.display_name.data or "", row.email, form.password.data or "")
        try:
            user = acts.join_as_new(db.session(), row, draft, actor=replace(current_actor(), name=draft.name[:100]))
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            begin_session(user)
            db.session.commit()
            return redirect("/", 303)
    return _page(row, token, form, 422)


def _invitation(token: str) -> Invitation:
    """Return the open invitation of a link and tie the session to its realm; 404 for any other link."""
    session = db.session()
    with unscoped(session, "the token of the link names the realm"):
        row = session.scalar(queries.invitation(tokens.digest(token)))
    if row is None or not row.is_open(utcnow()):
        raise NotFound
    scope(session, row.realm_id)
    return row


def _page(row: Invitation, token: str, form: JoinForm, status: int) -> ResponseReturnValue:
    return page(
        "accounts/invitations/show.html",
        status,
        invitation=row,
        token=token,
        form=form,
        host=db.session.get_one(User, row.invited_by),
        who=identity(),
        into=current_app.extensions["headwater.realm_name"](row.realm_id),
    )
