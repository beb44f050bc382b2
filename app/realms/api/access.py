"""Why may somebody, or why not, for programs."""

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from app.db import db
from app.realms import access
from app.realms.views.access import own_name
from app.web.blueprints import api_blueprint
from app.web.described import describe
from app.web.export import plain
from app.web.guard import member

bp = api_blueprint("api_access", __name__, "/api/v1/realms/access")
ANSWER = {
    "user": "ada", "cap": "rules", "app": "shop1", "at": "2036-01-05T00:00:00Z", "allow": False,
    "reason": "window_closed", "can_grant": ["owner"],
    "checks": [
        {"check": "account", "ok": True, "detail": "The account is active."},
        {"check": "grant", "ok": False, "grant": 12, "reason": "window_closed",
         "detail": "Granted only from 2036-02-01 00:00 UTC."},
    ],
}  # fmt: skip
describe(
    "api_access.show",
    "Grants",
    query={"app": "The name of an app.", "at": "A moment, with its zone or in UTC; now without it."},
    required={"user": "ada", "cap": "rules"},
    answer=ANSWER,
)


@bp.get("")
@member
def show() -> ResponseReturnValue:
    """Answer whether an account may do something, with every line of the decision; about oneself without auth."""
    own_name(request.args.get("user", ""))
    asked = access.Question(
        request.args.get("user", ""),
        request.args.get("cap", ""),
        request.args.get("app"),
        access.moment(request.args.get("at", "")),
    )
    found = access.answer(db.session(), asked)
    return jsonify({
        "user": found.user.name,
        "cap": found.cap,
        "app": found.app,
        "at": plain(found.at),
        "allow": found.allow,
        "reason": found.reason,
        "checks": access.plain(found.checks),
        "can_grant": list(found.can_grant),
    })  # fmt: skip
