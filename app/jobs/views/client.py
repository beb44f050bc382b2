"""The file that programs copy to report their runs."""

from pathlib import Path

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

import headwater_client
from app.jobs.curl import CLIENT, Way, ways
from app.jobs.curl import openlineage as by_openlineage
from app.web.guard import public

bp = Blueprint("client", __name__)


@bp.get(f"/{CLIENT}")
@public("the client is the same everywhere and holds no secret")
def show() -> ResponseReturnValue:
    """Answer the client as text, of the version of this server."""
    return Response(Path(headwater_client.__file__).read_bytes(), content_type="text/x-python; charset=utf-8")


def ways_of(job: str, steps: list[str], *, openlineage: bool = False) -> list[Way]:
    """Return how runs of a job are reported to this server, for empty pages."""
    return ways(request.host_url, job, steps) + ([by_openlineage(request.host_url)] if openlineage else [])
