"""Datasets for programs; lists have the columns of their export."""

from typing import Any, Final

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db, utcnow
from app.lineage.queries import usage
from app.lineage.reads import columns, events, quality, schemas
from app.lineage.reads.head import Head, head
from app.lineage.reads.listing import page_of
from app.lineage.reads.told import about_dataset, symlink
from app.lineage.views.dataset import WRITE_FIELDS
from app.lineage.views.datasets import FIELDS, FILTERS, SORTS, wanted_of
from app.web.answers import items
from app.web.blueprints import api_blueprint
from app.web.export import plain
from app.web.guard import needs
from app.web.keyset import keyset
from app.web.listing import Listing

bp = api_blueprint("api_explore", __name__, "/api/v1/lineage")
NEWEST: Final = 100


@bp.get("/datasets")
@needs("lineage.read")
def datasets() -> ResponseReturnValue:
    """Answer one page of datasets; filters and order are those of the page."""
    listing = Listing.from_args(request.args, sorts=SORTS, filters=FILTERS)
    session, now = db.session(), utcnow()
    return items(page_of(session, listing, wanted_of(session, listing, now), now), FIELDS)


@bp.get("/datasets/<int:dataset_id>")
@needs("lineage.read")
def dataset(dataset_id: int) -> ResponseReturnValue:
    """Answer a dataset by the number of any of its names, with all names and its fields now."""
    return jsonify(about_dataset(db.session(), _head(dataset_id)))


@bp.get("/datasets/<int:dataset_id>/schemas")
@needs("lineage.read")
def versions(dataset_id: int) -> ResponseReturnValue:
    """Answer the versions of the schema, newest first."""
    head_ = _head(dataset_id)
    found = schemas.shape(db.session(), [name.dataset for name in head_.names], head_.about, {})
    return _items(
        {
            "id": one.id,
            "schema": one.schema_id,
            "first_at": one.first_at,
            "last_at": one.last_at,
            "fields": one.fields,
            "directions": sorted(one.directions),
        }
        for one in found.versions
    )


@bp.get("/datasets/<int:dataset_id>/interactions")
@needs("lineage.read")
def writes(dataset_id: int) -> ResponseReturnValue:
    """Answer one page of writes, newest first."""
    listing = Listing.from_args(request.args, sorts=("-at", "at"))
    rows = keyset(usage.writes(_head(dataset_id).ids), listing, usage.WRITES_SORTS, key=usage.WRITES_KEY)
    return items(rows, WRITE_FIELDS)


@bp.get("/datasets/<int:dataset_id>/quality")
@needs("lineage.read")
def checks(dataset_id: int) -> ResponseReturnValue:
    """Answer the checks with their newest result, failing first."""
    return _items(
        {
            "name": one.assertion.name,
            "column": one.assertion.column,
            "severity": one.assertion.severity,
            "state": one.word,
            "expected": one.newest.expected if one.newest else None,
            "actual": one.newest.actual if one.newest else None,
            "at": one.newest.at if one.newest else None,
        }
        for one in quality.health(db.session(), _head(dataset_id).ids).checks
    )


@bp.get("/datasets/<int:dataset_id>/symlinks")
@needs("lineage.read")
def symlinks(dataset_id: int) -> ResponseReturnValue:
    """Answer the reports that join its names, suppressed ones included."""
    return _items(symlink(one) for one in events.other_names(db.session(), _head(dataset_id)))


@bp.get("/datasets/<int:dataset_id>/columns")
@needs("lineage.read")
def column_lineage(dataset_id: int) -> ResponseReturnValue:
    """Answer where each column comes from and what it feeds."""
    return _items(
        {
            "column": end.column,
            "sources": [_link(one) for one in end.sources],
            "targets": [_link(one) for one in end.targets],
        }
        for end in columns.column_links(db.session(), _head(dataset_id).ids)
    )


def _head(dataset_id: int) -> Head:
    found = head(db.session(), dataset_id, utcnow())
    if found is None:
        raise NotFound
    return found


def _items(rows: Any) -> ResponseReturnValue:
    told = [{name: plain(value) for name, value in row.items()} for row in rows]
    return jsonify({"items": told, "next": None})


def _link(link: columns.Link) -> dict[str, object]:
    one = link.dataset
    told = {"id": one.id, "namespace": one.namespace, "name": one.name}
    return {"dataset": told, "column": link.column, "kinds": link.kinds, "masked": link.is_masked}
