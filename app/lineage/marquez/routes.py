"""One family of routes; a small table of its own says what answers which segments."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from app.db import db
from app.lineage.api import receive
from app.lineage.api.body import TooLarge, UnknownEncoding
from app.lineage.api.storing import Busy
from app.lineage.marquez import (
    column_lineage,
    datasets,
    events,
    jobs,
    lineage,
    namespaces,
    run_lineage,
    runs,
    search,
    sources,
    stats,
    tags,
    versions,
)
from app.lineage.marquez.asked import Ask, Wrong
from app.lineage.marquez.target import ROOT, segments
from app.lineage.openlineage.decode import encode
from app.web.blueprints import api_blueprint
from app.web.guard import needs, token, unlogged

Handler = Callable[..., object]
bp = api_blueprint("marquez", __name__, ROOT)
bp.register_error_handler(TooLarge, receive.too_large)
bp.register_error_handler(UnknownEncoding, receive.unknown_encoding)
bp.register_error_handler(Busy, receive.busy)

# A star is a name; what stands first wins, so that no job called "runs" hides the run of an id.
PATHS: Final[tuple[tuple[str, Handler], ...]] = (
    ("namespaces", namespaces.listed),
    ("namespaces/*", namespaces.one),
    ("sources", sources.listed),
    ("sources/*", sources.one),
    ("namespaces/*/datasets", datasets.listed),
    ("namespaces/*/datasets/*", datasets.one),
    ("namespaces/*/datasets/*/versions", versions.listed),
    ("namespaces/*/datasets/*/versions/*", versions.one),
    ("jobs", jobs.everywhere),
    ("jobs/runs/*", runs.one),
    ("jobs/runs/*/facets", runs.facets),
    ("namespaces/*/jobs", jobs.listed),
    ("namespaces/*/jobs/*", jobs.one),
    ("namespaces/*/jobs/*/versions", jobs.versions),
    ("namespaces/*/jobs/*/versions/*", jobs.version),
    ("namespaces/*/jobs/*/runs", runs.of_job),
    ("lineage", lineage.around),
    ("column-lineage", column_lineage.around),
    ("runlineage/upstream", run_lineage.upstream),
    ("events", events.listed),
    ("events/lineage", events.listed),
    ("search", search.found),
    ("tags", tags.listed),
    ("stats/lineage-events", stats.events),
    ("stats/jobs", stats.jobs),
    ("stats/datasets", stats.datasets),
    ("stats/sources", stats.sources),
)
READ_ONLY: Final = (
    "This API reads. Jobs, datasets, runs and tags come from OpenLineage events: POST them to "
    f"{ROOT}/lineage or /api/v1/lineage."
)


def route(path: Sequence[str]) -> tuple[Handler, list[str]] | None:
    """Return what answers these segments and the names among them, None for a path Marquez does not have."""
    if path[:1] == ["events"] and len(path) > 1 and list(path) != ["events", "lineage"]:
        # Its clients do not escape this one name, so it is the rest of the path.
        return events.of_namespace, ["/".join(path[1:])]
    for pattern, handler in PATHS:
        parts = pattern.split("/")
        if len(parts) == len(path) and all(part in ("*", given) for part, given in zip(parts, path, strict=True)):
            return handler, [given for part, given in zip(parts, path, strict=True) if part == "*"]
    return None


@bp.get("/<path:rest>")
@needs("lineage.read")
def read(rest: str) -> ResponseReturnValue:
    """Answer a reading call of Marquez in its own shapes."""
    path = segments(request.environ, rest)
    while len(path) > 1 and not path[-1]:
        path.pop()
    found = route(path)
    if found is None:
        return _told({"code": 404, "message": "HTTP 404 Not Found"}, 404)
    handler, names = found
    ask = Ask(db.session(), g.realm.id, request.args)
    try:
        return _told(handler(ask, *names), 200)
    except Wrong as wrong:
        return _told({"code": wrong.code, "message": str(wrong)}, wrong.code)


@bp.route("/<path:rest>", methods=["POST", "PUT", "PATCH", "DELETE"], provide_automatic_options=False)
@needs("lineage.read")
@unlogged("it changes nothing")
def write(rest: str) -> ResponseReturnValue:
    """Refuse to write, and say how things come in here."""
    del rest
    answer = _told({"code": 405, "message": READ_ONLY}, 405)
    answer.headers["Allow"] = "GET, HEAD, OPTIONS"
    return answer


@bp.route("/lineage", methods=["POST"], provide_automatic_options=False)
@token("the key, or a realm that is open for trials, decides before the body is read")
@unlogged("what the event changes is logged by ingestion")
def take() -> ResponseReturnValue:
    """Take an OpenLineage event, as /api/v1/lineage does."""
    return receive.receive()


def _told(body: Any, status: int) -> Response:
    return Response(encode(body), status, content_type="application/json")
