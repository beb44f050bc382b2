"""What people see and change about themselves."""

from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import queries
from app.accounts.actions import sessions as acts
from app.accounts.actions.throttle import count_attempt, forgive
from app.accounts.actions.users import ProfileDraft, edit_profile
from app.accounts.forms import PasswordForm, ProfileForm
from app.accounts.models import User
from app.changes.actor import current_actor
from app.db import db, utcnow
from app.refusal import Refused
from app.web.filters import duration
from app.web.guard import signed_in
from app.web.identity import identity
from app.web.page import page
from app.web.panels import panels

bp = Blueprint("profile", __name__, url_prefix="/accounts/profile")


@bp.get("")
@signed_in
def show() -> ResponseReturnValue:
    """Show the person, what slices know of him, a form for the password, and the browsers signed in."""
    return _page(200)


@bp.post("")
@signed_in
def update() -> ResponseReturnValue:
    """Save name and e-mail: 303, or 422 with what is wrong."""
    form = ProfileForm(request.form)
    if form.validate():
        try:
            edit_profile(db.session(), me(), ProfileDraft(**form.data), actor=current_actor())
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash("Your profile was saved.")
            return redirect(url_for(".show"), 303)
    return _page(422, form=form)


@bp.post("/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """Set a new password and end all other sessions: 303, 422 with what is wrong, 429 after too many attempts."""
    form = PasswordForm(request.form)
    if not form.validate():
        return _page(422, password=form)
    session, user, address = db.session(), me(), request.remote_addr or "unknown"
    wait = count_attempt(session, user.name, address, utcnow())
    session.commit()
    if wait:
        form.form_errors.append(f"Too many attempts. Wait {duration(wait)}, then try again.")
        return _page(429, password=form)
    try:
        ended = acts.change_password(
            session, user, str(form.current.data), str(form.new.data), _here(), actor=current_actor()
        )
    except Refused as refusal:
        session.rollback()
        form.refuse(refusal)
        return _page(422, password=form)
    forgive(session, user.name, address)
    session.commit()
    flash("Your password was changed." + (f" {ended} other sessions ended." if ended else ""))
    return redirect(url_for(".show"), 303)


@bp.post("/sessions/<uuid:session_id>/deletion")
@signed_in
def end(session_id: UUID) -> ResponseReturnValue:
    """End one of one's own sessions: 303."""
    acts.end_session(db.session(), me(), session_id, actor=current_actor())
    db.session.commit()
    flash("The session was ended.")
    return redirect(url_for(".show", _anchor="sessions"), 303)


@bp.post("/sessions/deletion")
@signed_in
def end_others() -> ResponseReturnValue:
    """End all of one's own sessions but this one: 303."""
    ended = acts.end_others(db.session(), me(), _here(), actor=current_actor())
    db.session.commit()
    flash(f"{ended} other sessions ended." if ended else "There was no other session.")
    return redirect(url_for(".show", _anchor="sessions"), 303)


def me() -> User:
    """Return the account of the person asking."""
    who = identity()
    if who is None:
        raise LookupError("the guard lets only known people through")
    return db.session.get_one(User, who.user_id)


def _here() -> UUID | None:
    who = identity()
    return UUID(who.session_id) if who and who.session_id else None


def _page(status: int, *, form: ProfileForm | None = None, password: PasswordForm | None = None) -> ResponseReturnValue:
    user = me()
    return page(
        "accounts/profile/show.html",
        status,
        me=user,
        form=form or ProfileForm(obj=user),
        password=password or PasswordForm(),
        sessions=db.session.scalars(queries.own_sessions(user.id, utcnow())).all(),
        here=_here(),
        panels=panels("account", "profile", identity()),
    )
