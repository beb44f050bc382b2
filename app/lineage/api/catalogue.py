"""Schemas and columns for programs."""

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db
from app.jobs.asked import number
from app.lineage.reads.catalogue import opened_schema
from app.lineage.reads.told import name_of
from app.lineage.schema_fields import Field
from app.lineage.views import columns as column_views
from app.lineage.views import schemas as schema_views
from app.web.answers import items
from app.web.blueprints import api_blueprint
from app.web.export import plain
from app.web.guard import needs

bp = api_blueprint("api_catalogue", __name__, "/api/v1/lineage")


@bp.get("/schemas")
@needs("lineage.read")
def schemas() -> ResponseReturnValue:
    """Answer one page of schemas, newest first; filters are those of the page."""
    return items(schema_views.found().page(), schema_views.FIELDS)


@bp.get("/schemas/<int:schema_id>")
@needs("lineage.read")
def schema(schema_id: int) -> ResponseReturnValue:
    """Answer a schema with the datasets that have it; ``against`` adds what changed from that one to this."""
    found = opened_schema(db.session(), schema_id, number(request.args.get("against", ""), "against"))
    if found is None:
        raise NotFound
    told = {
        "id": found.schema.id,
        "digest": str(found.schema.digest),
        "fields": [_field(field) for field in found.fields],
        "datasets": [
            {
                **name_of(dataset),
                "current": dataset.schema_id == found.schema.id,
                "first_at": plain(seen.first_at),
                "last_at": plain(seen.last_at),
            }
            for seen, dataset in found.users
        ],
    }
    if found.against is not None:
        told["against"] = found.against.id
        told["differences"] = [
            {
                "change": one.change,
                "path": one.path,
                "before": one.before,
                "after": one.after,
                "guess": one.change == "renamed",
            }
            for one in found.differences
        ]
    return jsonify(told)


@bp.get("/columns")
@needs("lineage.read")
def columns() -> ResponseReturnValue:
    """Answer one page of columns by name; filters are those of the page."""
    return items(column_views.found().page(), column_views.FIELDS)


def _field(field: Field) -> dict[str, object]:
    return {"path": field.path, "type": field.type, "description": field.description}
