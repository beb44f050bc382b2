"""The apps of the realm, for programs."""

from flask import Response, g
from flask.typing import ResponseReturnValue
from msgspec import Struct

from app.accounts.idempotent import idempotent
from app.changes.actor import current_actor
from app.db import db
from app.realms.actions.apps import AppDraft, add_app, remove_app, rename_app
from app.realms.models import App
from app.realms.reads.contents import in_use
from app.realms.seen import found_app
from app.realms.views.apps import FIELDS, found
from app.web.answers import items, shown
from app.web.blueprints import api_blueprint
from app.web.body import decoded
from app.web.described import describe
from app.web.guard import member, needs

bp = api_blueprint("api_apps", __name__, "/api/v1/realms/apps")
GROUP = "Apps"
APP = {
    "name": "Shop1", "longname": "Web shop of the Nordics", "setby": "ada", "setat": "2036-01-01T10:00:00Z",
    "users": 2, "rulesets": {"B": 1, "W": 0},
}  # fmt: skip
NAMED = {"name": "The app's name, in any case."}

describe("api_apps.index", GROUP, query={"q": "Words in names."}, paged=True, answer={"items": [APP], "next": None})
describe("api_apps.create", GROUP, body={"name": "Shop1", "longname": "Web shop"}, answer=APP, status=201)
describe("api_apps.show", GROUP, answer=APP, path=NAMED)
describe("api_apps.change", GROUP, body={"longname": "Web shop of the Nordics"}, answer=APP, path=NAMED)
describe("api_apps.remove", GROUP, status=204, path=NAMED)


class NewApp(Struct, forbid_unknown_fields=True):
    """An app as a program makes it."""

    name: str = ""
    longname: str = ""


class Longname(Struct, forbid_unknown_fields=True):
    """What can be changed of an app."""

    longname: str = ""


@bp.get("")
@member
def index() -> ResponseReturnValue:
    """Answer one page of apps: all for root, report and auth, else those the account holds something on."""
    return items(found().page(), FIELDS)


@bp.post("")
@needs("root")
@idempotent
def create() -> ResponseReturnValue:
    """Make an app: 201, 422 with all that is wrong, 409 ``exists`` when the name is taken in any case."""
    body = decoded(NewApp)
    app = add_app(db.session(), AppDraft(body.name, body.longname), actor=current_actor())
    db.session.commit()
    return _one(app), 201


@bp.get("/<name>")
@member
def show(name: str) -> ResponseReturnValue:
    """Answer one app, by its name in any case."""
    return _one(found_app(name, g.standing))


@bp.patch("/<name>")
@needs("root")
def change(name: str) -> ResponseReturnValue:
    """Give an app another long name; its name stays."""
    app = rename_app(db.session(), name, decoded(Longname).longname, actor=current_actor())
    db.session.commit()
    return _one(app)


@bp.delete("/<name>")
@needs("root")
def remove(name: str) -> ResponseReturnValue:
    """Delete an app with every grant on it: 204; 409 ``not_empty`` with ``counts`` while a slice uses it."""
    remove_app(db.session(), name, actor=current_actor())
    db.session.commit()
    return Response(status=204)


def _one(app: App) -> Response:
    return shown(in_use(db.session(), [app])[0], FIELDS)
