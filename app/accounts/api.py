"""Saved views for programs."""

from uuid import UUID

from flask import Response
from flask.typing import ResponseReturnValue
from msgspec import Struct
from werkzeug.exceptions import NotFound

from app.accounts import queries, saved
from app.accounts.actions import saved as acts
from app.accounts.idempotent import idempotent
from app.accounts.models import SavedView
from app.changes.actor import current_actor
from app.db import db
from app.web.answers import items, shown
from app.web.blueprints import api_blueprint
from app.web.body import decoded
from app.web.described import describe
from app.web.guard import member

bp = api_blueprint("api_saved_views", __name__, "/api/v1/views")
GROUP = "Saved views"
BODY = {"page": "jobs/runs", "name": "Failed lately", "query": "status=failed&since=24h", "shared": True}
VIEW = {
    "id": "0194e9a1-6b7c-7d22-8f10-3c1d2b7a9e55", **BODY, "pinned": False, "owner": "ada",
    "url": "/r/acme/jobs/runs?status=failed&since=24h", "created_at": "2026-01-01T10:00:00Z",
}  # fmt: skip
describe("api_saved_views.index", GROUP, query={"page": "The path of a list in the realm.", "q": "Words of the name."},
         paged=True, answer={"items": [VIEW], "next": None})  # fmt: skip
describe("api_saved_views.create", GROUP, body=BODY, answer=VIEW, status=201)
describe("api_saved_views.show", GROUP, answer=VIEW)
describe("api_saved_views.change", GROUP, body=BODY, answer=VIEW)
describe("api_saved_views.remove", GROUP, status=204)


class View(Struct, forbid_unknown_fields=True):
    """A saved view as a program describes it; ``replaces`` takes the place of the view of that name."""

    page: str
    name: str
    query: str = ""
    shared: bool = False
    pinned: bool = False
    replaces: bool = False

    def draft(self) -> acts.ViewDraft:
        """Return it as the action takes it."""
        return acts.ViewDraft(self.page, self.name, self.query, self.shared, self.pinned, self.replaces)


@bp.get("")
@member
def index() -> ResponseReturnValue:
    """Answer one's own saved views and those others share; ``page`` is one list, ``q`` looks in names."""
    found = saved.found()
    return items(found.page(), found.fields)


@bp.post("")
@member
@idempotent
def create() -> ResponseReturnValue:
    """Save the query of a list under a name: 201, 200 where it replaces one; 409 when the name is taken."""
    view, is_new = acts.save_view(db.session(), decoded(View).draft(), saved.owner(), current_actor())
    db.session.commit()
    answer = shown(_seen(view.id), saved.FIELDS)
    answer.status_code = 201 if is_new else 200
    return answer


@bp.get("/<uuid:view_id>")
@member
def show(view_id: UUID) -> ResponseReturnValue:
    """Answer one saved view; its ``url`` is the list with what it asks for."""
    return shown(_seen(view_id), saved.FIELDS)


@bp.put("/<uuid:view_id>")
@member
def change(view_id: UUID) -> ResponseReturnValue:
    """Give an own view another name or query, share or pin it; its list stays."""
    acts.change_view(db.session(), view_id, decoded(View).draft(), saved.owner(), current_actor())
    db.session.commit()
    return shown(_seen(view_id), saved.FIELDS)


@bp.delete("/<uuid:view_id>")
@member
def remove(view_id: UUID) -> ResponseReturnValue:
    """Take an own view away: 204."""
    acts.delete_view(db.session(), view_id, saved.owner(), current_actor())
    db.session.commit()
    return Response(status=204)


def _seen(view_id: UUID) -> SavedView:
    view = db.session.scalar(queries.saved_views(saved.owner().user_id).where(SavedView.id == view_id))
    if view is None:
        raise NotFound
    return view
