"""Sign in and out of the installation."""

from dataclasses import replace
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, make_response, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from app.accounts import passwords, queries
from app.accounts.actions.sessions import end_session, open_session
from app.accounts.actions.throttle import count_attempt, forgive
from app.accounts.forms import SignInForm
from app.accounts.identify import TOKEN
from app.accounts.models import User
from app.changes.actor import current_actor
from app.db import db, utcnow
from app.refusal import Refused
from app.web.filters import duration
from app.web.guard import public
from app.web.identity import identity
from app.web.page import page

bp = Blueprint("sign_in", __name__)


@bp.get("/sign-in")
@public("the way in")
def new() -> ResponseReturnValue:
    """Show the form; whoever is signed in goes on at once."""
    going_on = local(request.args.get("next", ""))
    if identity() is not None:
        return redirect(going_on, 303)
    return page("accounts/sessions/new.html", form=SignInForm(next=going_on))


@bp.post("/sign-in")
@public("the way in")
def create() -> ResponseReturnValue:
    """Check name and password: 303 onwards with a new session, 422 when wrong, 429 after too many attempts."""
    form = SignInForm(request.form)
    if not form.validate():
        return page("accounts/sessions/new.html", 422, form=form)
    name, address = str(form.name.data).lower(), request.remote_addr or "unknown"
    wait = count_attempt(db.session(), name, address, utcnow())
    db.session.commit()
    if wait:
        return _slowed(form, wait)
    user = db.session.scalar(queries.user_named(name))
    # No transaction is open while the password is hashed: that takes long enough to be in the way of others.
    db.session.close()
    fits = passwords.matches(str(form.password.data), user.password if user else None)
    if user is None or not fits or not user.active:
        form.form_errors.append("Name or password is wrong.")
        return page("accounts/sessions/new.html", 422, form=form)
    return _signed_in(user, name, address, local(str(form.next.data or "")))


@bp.post("/sign-out")
@public("ends the session of the cookie, if there is one")
def destroy() -> ResponseReturnValue:
    """End the session of this browser: 303 to the sign-in page."""
    who = identity()
    if who is not None and who.session_id is not None:
        user = db.session.get_one(User, who.user_id)
        try:
            end_session(db.session(), user, UUID(who.session_id), actor=current_actor())
        except Refused:
            db.session.rollback()
        db.session.commit()
    cookie.clear()
    return redirect(url_for(".new"), 303)


def begin_session(user: User) -> None:
    """Sign this browser in; the caller commits. A cookie from before is emptied, so nobody can plant one."""
    actor = replace(current_actor(), name=user.name)
    _row, token = open_session(db.session(), user, user_agent=request.user_agent.string, actor=actor)
    cookie.clear()
    cookie[TOKEN] = token
    cookie.permanent = True


def local(target: str) -> str:
    """Return a path of this installation to go on to, ``/`` for everything that leads elsewhere."""
    parts = urlsplit(target.replace("\\", "/"))
    safe = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return target if safe and target.isprintable() and "\\" not in target else "/"


def _slowed(form: SignInForm, wait: int) -> ResponseReturnValue:
    form.form_errors.append(f"Too many attempts. Wait {duration(wait)}, then try again.")
    response = make_response(page("accounts/sessions/new.html", 429, form=form))
    response.headers["Retry-After"] = str(wait)
    return response


def _signed_in(user: User, name: str, address: str, going_on: str) -> ResponseReturnValue:
    forgive(db.session(), name, address)
    begin_session(user)
    db.session.commit()
    return redirect(going_on, 303)
