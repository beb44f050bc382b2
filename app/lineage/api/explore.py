"""Datasets for programs; lists have the columns of their export."""

from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from app.db import db, utcnow
from app.lineage.queries import usage
from app.lineage.reads import events, quality, schemas
from app.lineage.reads.listing import page_of
from app.lineage.reads.told import about_dataset, columns_of, symlink
from app.lineage.views.dataset import INTERACTION_FIELDS
from app.lineage.views.datasets import FIELDS, FILTERS, SORTS, wanted_of
from app.lineage.views.opened import head_of
from app.refusal import Problem, Refused
from app.web.answers import items
from app.web.blueprints import api_blueprint
from app.web.export import plain
from app.web.guard import needs
from app.web.keyset import keyset
from app.web.listing import Listing

bp = api_blueprint("api_explore", __name__, "/api/v1/lineage")


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
    return jsonify(about_dataset(db.session(), head_of(dataset_id)))


@bp.get("/datasets/<int:dataset_id>/schemas")
@needs("lineage.read")
def versions(dataset_id: int) -> ResponseReturnValue:
    """Answer the versions of the schema, newest first."""
    head = head_of(dataset_id)
    found = schemas.shape(db.session(), [name.dataset for name in head.names], head.about, {})
    return _items(
        {
            "id": one.id,
            "schema": one.schema_id,
            "first_at": one.first_at,
            "last_at": one.last_at,
            "fields": one.fields,
            "directions": sorted(one.directions),
            "run": one.run.id if one.run else None,
            "job": one.run.job if one.run else None,
        }
        for one in found.versions
    )


@bp.get("/datasets/<int:dataset_id>/interactions")
@needs("lineage.read")
def interactions(dataset_id: int) -> ResponseReturnValue:
    """Answer one page of what was written and read, newest first; ``direction`` is output (writes) or input (reads)."""
    listing = Listing.from_args(request.args, sorts=("-at", "at"), filters=("direction",))
    wanted = listing.get("direction")
    if wanted not in ("", "input", "output"):
        raise Refused(Problem("unknown_direction", "Use input or output.", "direction", wanted[:100]))
    select = usage.interactions(head_of(dataset_id).ids, (wanted,) if wanted else ("input", "output"))
    return items(keyset(select, listing, usage.WRITES_SORTS, key=usage.WRITES_KEY), INTERACTION_FIELDS)


@bp.get("/datasets/<int:dataset_id>/quality")
@needs("lineage.read")
def checks(dataset_id: int) -> ResponseReturnValue:
    """Answer the checks with their newest result and up to 30 results, oldest first; failing ones come first."""
    return _items(
        {
            "id": one.assertion.id,
            "name": one.assertion.name,
            "column": one.assertion.column,
            "params": one.assertion.params,
            "severity": one.assertion.severity,
            "state": one.word,
            "expected": one.newest.expected if one.newest else None,
            "actual": one.newest.actual if one.newest else None,
            "at": one.newest.at if one.newest else None,
            "results": [{"at": plain(each.at), "success": each.success} for each in one.history],
        }
        for one in quality.checked(db.session(), head_of(dataset_id).ids)
    )


@bp.get("/datasets/<int:dataset_id>/symlinks")
@needs("lineage.read")
def symlinks(dataset_id: int) -> ResponseReturnValue:
    """Answer the reports that join its names, suppressed ones included."""
    return _items(symlink(one) for one in events.other_names(db.session(), head_of(dataset_id)))


@bp.get("/datasets/<int:dataset_id>/columns")
@needs("lineage.read")
def column_lineage(dataset_id: int) -> ResponseReturnValue:
    """Answer every column with its type, where it comes from and what it feeds; null is the dataset as a whole.

    ``in_schema`` is false for columns that only lineage, tags, checks or people name.
    """
    return _items(columns_of(db.session(), head_of(dataset_id)))


def _items(rows: Any) -> ResponseReturnValue:
    told = [{name: plain(value) for name, value in row.items()} for row in rows]
    return jsonify({"items": told, "next": None})
