"""The slices of the realm, for programs."""

from datetime import datetime
from typing import TypeVar

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from msgspec import Struct

from app.accounts.idempotent import idempotent
from app.changes.actor import current_actor
from app.db import db
from app.realms.actions.cloning import SliceDraft, add_slice
from app.realms.actions.purging import purge
from app.realms.actions.slices import activate, deactivate, make_default
from app.realms.reads.contents import apps_in
from app.realms.views.slices import FIELDS, found, found_slice
from app.web.answers import items, shown
from app.web.blueprints import api_blueprint
from app.web.body import decoded
from app.web.described import describe
from app.web.guard import needs

bp = api_blueprint("api_slices", __name__, "/api/v1/realms/slices")
GROUP = "Slices"
SLICE = {
    "id": 11, "descr": "Autumn prices", "active": True, "activateat": None, "deactivateat": None, "default": False,
    "copied_from": 1, "createdat": "2036-01-01T10:00:00Z", "createdby": "ada", "editedat": None, "editedby": None,
}  # fmt: skip
AT = {"at": "2036-01-01T00:00:00Z"}
APPS = {"items": [{"name": "Shop1", "longname": "Web shop of the Nordics"}], "next": None}

describe(
    "api_slices.index",
    GROUP,
    query={"q": "Words in descriptions."},
    paged=True,
    answer={"items": [SLICE], "next": None},
)
describe(
    "api_slices.create",
    GROUP,
    body={"descr": "Autumn prices", "copy_of": 1, "apps": ["shop1"]},
    answer=SLICE,
    status=201,
)
describe("api_slices.show", GROUP, answer=SLICE)
describe("api_slices.switch_on", GROUP, body=AT, answer=SLICE)
describe("api_slices.switch_off", GROUP, body=AT, answer=SLICE)
describe("api_slices.choose", GROUP, answer=SLICE)
describe("api_slices.remove", GROUP, body={"confirm": "acme/11"}, answer={"config": 4, "ruleset": 3, "schema": 2})
describe("api_slices.apps", GROUP, answer=APPS)


class NewSlice(Struct, forbid_unknown_fields=True):
    """A slice as a program makes it: empty, or a copy."""

    descr: str | None = None
    copy_of: int | None = None
    apps: list[str] | None = None


class Schedule(Struct, forbid_unknown_fields=True):
    """From when on; nothing is at once."""

    at: datetime | None = None


class Confirmation(Struct, forbid_unknown_fields=True):
    """The name of the realm, a slash and the number of the slice."""

    confirm: str = ""


Body = TypeVar("Body", bound=Struct)


@bp.get("")
@needs("report")
def index() -> ResponseReturnValue:
    """Answer one page of slices; ``active`` is what each is now, its schedule included."""
    return items(found().page(), FIELDS)


@bp.post("")
@needs("root")
@idempotent
def create() -> ResponseReturnValue:
    """Make a slice, active and empty or a copy of ``copy_of``: 201, 422 with all that is wrong."""
    body = decoded(NewSlice)
    draft = SliceDraft(body.descr, body.copy_of, tuple(body.apps) if body.apps else None)
    row = add_slice(db.session(), draft, actor=current_actor())
    db.session.commit()
    return _one(row.id), 201


@bp.get("/<int:slice_id>")
@needs("report")
def show(slice_id: int) -> ResponseReturnValue:
    """Answer one slice."""
    return _one(slice_id)


@bp.post("/<int:slice_id>/activation")
@needs("root")
@idempotent
def switch_on(slice_id: int) -> ResponseReturnValue:
    """Switch it on, or with ``at`` off until then; 422 ``too_early`` for a time that is not to come."""
    found_slice(slice_id)
    activate(db.session(), slice_id, _optional(Schedule).at, actor=current_actor())
    return _done(slice_id)


@bp.post("/<int:slice_id>/deactivation")
@needs("root")
@idempotent
def switch_off(slice_id: int) -> ResponseReturnValue:
    """Switch it off, or with ``at`` at that time."""
    found_slice(slice_id)
    deactivate(db.session(), slice_id, _optional(Schedule).at, actor=current_actor())
    return _done(slice_id)


@bp.post("/<int:slice_id>/default")
@needs("root")
@idempotent
def choose(slice_id: int) -> ResponseReturnValue:
    """Let programs that name no slice use it; 409 ``slice_inactive`` while it is off."""
    make_default(db.session(), slice_id, actor=current_actor())
    return _done(slice_id)


@bp.post("/<int:slice_id>/purge")
@needs("root")
@idempotent
def remove(slice_id: int) -> ResponseReturnValue:
    """Delete it with all that is in it and answer counts by table; ``confirm`` is ``<realm>/<slice id>``."""
    found_slice(slice_id)
    counts = purge(db.session(), slice_id, _optional(Confirmation).confirm, actor=current_actor())
    db.session.commit()
    return jsonify(counts)


@bp.get("/<int:slice_id>/apps")
@needs("report")
def apps(slice_id: int) -> ResponseReturnValue:
    """Answer the apps that have a schema or ruleset in it."""
    row, _is_default = found_slice(slice_id)
    own = [{"name": app.shortname, "longname": app.longname} for app in apps_in(db.session(), row.id)]
    return jsonify({"items": own, "next": None})


def _optional(kind: type[Body]) -> Body:
    return decoded(kind) if request.content_length else kind()


def _done(slice_id: int) -> Response:
    db.session.commit()
    return _one(slice_id)


def _one(slice_id: int) -> Response:
    return shown(found_slice(slice_id), FIELDS)
