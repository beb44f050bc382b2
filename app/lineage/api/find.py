"""Search and names for programs."""

from typing import Any

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.lineage.reads.search import Hit
from app.lineage.reads.spelling import nearest
from app.lineage.reads.spelling import resolve as thing_of
from app.lineage.views.search import asked, searched, sees
from app.web.blueprints import api_blueprint
from app.web.guard import needs
from app.web.problem import problem

bp = api_blueprint("api_find", __name__, "/api/v1/lineage")


@bp.get("/search")
@needs("lineage.read")
def search() -> ResponseReturnValue:
    """Answer what matches ``q``, exact names first; ``kind`` leaves the others out."""
    found = searched(request.args.get("kind", ""))
    items = [
        _hit(hit) | {"matched": [{"what": what, "text": text} for what, text in hit.why]}
        for hits in found.hits.values()
        for hit in hits
    ]
    return jsonify({"items": items, "next": None, "did_you_mean": found.meant})


@bp.get("/resolve")
@needs("lineage.read")
def resolve() -> ResponseReturnValue:
    """Go from a name to its thing: 303 to it where it has an address here, else it in short; 404 with near names."""
    kind, namespace, name = asked()
    session = db.session()
    thing: Any = thing_of(session, kind, namespace, name)
    if thing is None or not sees(kind, thing):
        near = [_hit(Hit(*one)) for one in nearest(session, name, kind) if sees(*one)] if kind != "run" else []
        return problem(404, "not_found", f"There is no {kind} of this name.", nearest=near)
    if kind == "dataset":
        url = url_for("api_explore.dataset", dataset_id=thing.id)
    elif kind == "job":
        url = url_for("api_jobs.job", job_id=thing.id)
    else:
        url = url_for("api_jobs.run", run_id=thing.id)
    return jsonify(_hit(Hit(kind, thing))), 303, {"Location": url}


def _hit(hit: Hit) -> dict[str, object]:
    one = hit.thing
    if hit.kind == "column":
        return {"kind": "column", "name": one}
    if hit.kind == "run":
        return {"kind": "run", "id": str(one.id), "reported_id": one.reported_id, "status": one.status}
    return {"kind": hit.kind, "id": one.id, "namespace": getattr(one, "namespace", None), "name": one.name}
