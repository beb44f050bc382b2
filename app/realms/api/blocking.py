"""Blocking people and the realm, for programs."""

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from app.changes.actor import current_actor
from app.db import db
from app.realms import listed
from app.realms.actions import blocking as acts
from app.web.answers import items
from app.web.blueprints import api_blueprint
from app.web.described import describe
from app.web.export import plain
from app.web.guard import needs, rescue
from app.web.shell import may

bp = api_blueprint("api_blocking", __name__, "/api/v1/realms")
GROUP = "Grants"
ROW = {"user": "ada", "deactby": "owner", "deactat": "2036-01-01T10:00:00Z"}
describe("api_blocking.index", GROUP, query={"user": "A login name."}, paged=True,
         answer={"items": [{**ROW, "holds": ["report"]}], "next": None})  # fmt: skip
describe("api_blocking.block", GROUP, answer=ROW)
describe("api_blocking.unblock", GROUP, status=204)
describe("api_blocking.close", GROUP, answer={**ROW, "user": None})
describe("api_blocking.reopen", GROUP, status=204)


@bp.get("/deactivations")
@needs("auth", "report")
def index() -> ResponseReturnValue:
    """Answer one page of blocked people; the filters are those of the page."""
    found = listed.blocked()
    return items(found.page(), found.fields)


@bp.put("/deactivations/<name>")
@needs("auth")
def block(name: str) -> ResponseReturnValue:
    """Block an account at once; twice is the same as once. 403 for a holder of root, 409 for the last of them."""
    user = acts.person(db.session(), name)
    row = acts.deactivate(db.session(), user, actor=current_actor(), by_root=may("root"))
    db.session.commit()
    return jsonify({"user": user.name, "deactby": row.deactby, "deactat": plain(row.deactat)})


@bp.delete("/deactivations/<name>")
@needs("auth")
def unblock(name: str) -> ResponseReturnValue:
    """Let an account in again: 204, also when it was not blocked."""
    acts.activate(db.session(), acts.person(db.session(), name), actor=current_actor(), by_root=may("root"))
    db.session.commit()
    return Response(status=204)


@bp.put("/deactivation")
@needs("root")
def close() -> ResponseReturnValue:
    """Deactivate the whole realm: everybody is refused, but for activating it again with root."""
    row = acts.deactivate_realm(db.session(), actor=current_actor())
    db.session.commit()
    return jsonify({"user": None, "deactby": row.deactby, "deactat": plain(row.deactat)})


@bp.delete("/deactivation")
@rescue
@needs("root")
def reopen() -> ResponseReturnValue:
    """Activate the whole realm again: 204, also when it was active."""
    acts.activate_realm(db.session(), actor=current_actor())
    db.session.commit()
    return Response(status=204)
