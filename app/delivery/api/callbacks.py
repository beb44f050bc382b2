"""What receivers say about what they were sent."""

from typing import Any, Literal
from uuid import UUID

import msgspec
from flask import jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Unauthorized

from app.db import db
from app.delivery.actions import deliveries as acts
from app.refusal import Problem, Refused
from app.web.blueprints import api_blueprint
from app.web.body import decoded
from app.web.guard import token, unlogged

bp = api_blueprint("api_callbacks", __name__, "/api/v1/delivery/callbacks")


class Said(msgspec.Struct):
    """What became of it; ``progress`` is a part of 1."""

    status: Literal["running", "finished", "succeeded", "failed"]
    message: str = ""
    progress: float | None = None
    add_key_values: list[Any] = []
    remove_key_values: list[Any] = []


@bp.post("/<delivery>")
@token("the token of the delivery, which only its receiver was given")
@unlogged("the delivery keeps what its receiver said")
def end(delivery: str) -> ResponseReturnValue:
    """Take what a receiver says: 200; 401 for any other token, 409 for another end than the first."""
    found = acts.opened(db.session(), _id(delivery), _token())
    if found is None:
        raise Unauthorized(www_authenticate=None)
    said = decoded(Said)
    if said.progress is not None and not 0 <= said.progress <= 1:
        raise Refused(Problem("out_of_range", "Progress is a part of 1.", "/progress", said.progress))
    if said.add_key_values or said.remove_key_values:
        raise Refused(Problem("no_labels", "What this delivery is about carries no key values.", "/add_key_values"))
    acts.called_back(db.session(), found, said.status, message=said.message, progress=said.progress)
    db.session.commit()
    return jsonify({"state": found.state})


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Unauthorized(www_authenticate=None) from None


def _token() -> str:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.isascii():
        raise Unauthorized(www_authenticate=None)
    return text.strip()
