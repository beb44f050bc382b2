"""Saved views: opening, making, changing and taking them away, and the list of them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.accounts import queries, saved
from app.accounts.actions import saved as acts
from app.accounts.forms import ViewForm
from app.accounts.models import SavedView
from app.accounts.views.profile import me
from app.changes.actor import current_actor
from app.db import db
from app.refusal import Refused
from app.web.blueprints import realm_blueprint
from app.web.guard import member
from app.web.nav import label_at
from app.web.page import page
from app.web.shell import may
from app.web.undo import Done, say

bp = realm_blueprint("saved_views", __name__, "/accounts/views")


@bp.get("")
@member
def index() -> ResponseReturnValue:
    """List one's own saved views and those others share; ``?q=`` looks in names, ``?page=`` is one list."""
    found = saved.found()
    return found.answer("accounts/views/index.html", mine=me().id, label_at=label_at, url_of=saved.url_of)


@bp.get("/<uuid:view_id>")
@member
def show(view_id: UUID) -> ResponseReturnValue:
    """Go to the list with what the view asks for: 302."""
    return redirect(saved.url_of(_seen(view_id)), 302)


@bp.post("")
@member
def create() -> ResponseReturnValue:
    """Save the query of a list under a name: 303 to the list, or 422 with the form and what is wrong."""
    form = ViewForm(request.form)
    return _done(form, None, lambda draft: acts.save_view(db.session(), draft, saved.owner(), current_actor())[0])


@bp.get("/<uuid:view_id>/edit")
@member
def edit(view_id: UUID) -> ResponseReturnValue:
    """Show the form of an own view."""
    view = _own(view_id)
    return _form(ViewForm(obj=view), view)


@bp.post("/<uuid:view_id>")
@member
def update(view_id: UUID) -> ResponseReturnValue:
    """Change an own view: 303 to the list, or 422 with the form and what is wrong."""
    view, form = _own(view_id), ViewForm(request.form)
    form.page.data, actor = view.page, current_actor()
    return _done(form, view, lambda draft: acts.change_view(db.session(), view_id, draft, saved.owner(), actor))


@bp.post("/<uuid:view_id>/deletion")
@member
def delete(view_id: UUID) -> ResponseReturnValue:
    """Take a view away, one's own or with auth a shared one: 303; the message offers to undo it."""
    gone = acts.delete_view(db.session(), view_id, saved.owner(), current_actor(), of_others=may("auth"))
    db.session.commit()
    fields = [(name, str(getattr(gone, name))) for name in ("page", "name", "query")]
    flags = [(name, "1") for name in ("shared", "pinned") if getattr(gone, name)]
    say(Done(f"The view “{gone.name}” was deleted.", url_for(".create"), (*fields, *flags)))
    return redirect(url_for(".index"), 303)


def _done(form: ViewForm, view: SavedView | None, act: Callable[[acts.ViewDraft], SavedView]) -> ResponseReturnValue:
    if form.validate():
        try:
            done = act(acts.ViewDraft(**form.data))
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            say(Done(f"The view “{done.name}” is saved."))
            return redirect(saved.url_of(done), 303)
    return _form(form, _own(view.id) if view else None, 422)


def _form(form: ViewForm, view: SavedView | None, status: int = 200) -> ResponseReturnValue:
    list_: dict[str, Any] = {"view": view, "label": label_at(form.page.data or ""), "may_share": saved.may_share()}
    return page("accounts/views/form.html", status, form=form, **list_)


def _seen(view_id: UUID) -> SavedView:
    view = db.session.scalar(queries.saved_views(me().id).where(SavedView.id == view_id))
    if view is None:
        raise NotFound
    return view


def _own(view_id: UUID) -> SavedView:
    view = _seen(view_id)
    if view.user_id != me().id:
        raise NotFound
    return view
