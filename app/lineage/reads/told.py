"""A dataset and what hangs on it as JSON."""

from typing import Any

from sqlalchemy.orm import Session

from app.lineage.models import Dataset
from app.lineage.reads import schemas
from app.lineage.reads.columns import ColumnLinks, Link, column_links
from app.lineage.reads.events import OtherName
from app.lineage.reads.freshness import Freshness
from app.lineage.reads.head import Head
from app.lineage.schema_fields import Field
from app.web.export import plain


def about_dataset(session: Session, head: Head) -> dict[str, Any]:
    """Return a dataset with its names, what is said of it with sources, its freshness and its fields now."""
    names = [name.dataset for name in head.names]
    fields = schemas.fields_now(session, names)
    told = {**name_of(head.dataset), "label": head.dataset.label, **_state(head), **_fresh(head.row.fresh)}
    return {name: plain(value) for name, value in told.items()} | {
        **_said(head),
        "expectation": _expectation(head),
        "names": [{**name_of(one), "pinned": one.pinned} for one in names],
        "fields": [_field(head, field) for field in fields],
    }


def _state(head: Head) -> dict[str, Any]:
    row, dataset = head.row, head.dataset
    return {
        "platform": row.location.type,
        "location": row.location.name,
        "storage": row.storage.name,
        "format": head.format,
        "type": head.type,
        "lifecycle": dataset.lifecycle,
        "version": dataset.version,
        "quality": row.quality,
        "rows": row.rhythm.rows,
        "last_written_at": row.written_at,
        "last_read_at": head.read_at,
        "first_seen_at": dataset.created_at,
        "archived_at": dataset.archived_at,
    }


def _said(head: Head) -> dict[str, Any]:
    mine = head.about.description
    return {
        "description": mine.text if mine else head.description,
        "reported_description": head.description,
        "owners": head.row.said.owners,
        "tags": head.row.said.tags,
        "owned": [{"name": one.name, "type": one.type, "source": one.source} for one in head.about.owners],
        "tagged": [
            {"key": one.key, "value": one.value, "column": one.column, "source": one.source}
            for one in head.about.all_tags
        ],
    }


def _field(head: Head, field: Field) -> dict[str, Any]:
    said = head.about.descriptions.get(field.path)
    return {
        "path": field.path,
        "type": field.type,
        "description": said.text if said else field.description,
        "tags": [tag.text for tag in head.about.tags_of(field.path)],
    }


def columns_of(session: Session, head: Head) -> list[dict[str, Any]]:
    """Return every column: those of the schema in its order, then those that only something else names."""
    fields = {field.path: field for field in schemas.fields_now(session, [name.dataset for name in head.names])}
    links = {end.column: end for end in column_links(session, head.ids)}
    said = {tag.column for tag in head.about.all_tags} | set(head.about.descriptions)
    others = sorted({name for name in (*links, *said) if name is not None} - fields.keys())
    whole = [None] if None in links else []
    return [
        _column(head, name, fields.get(name) if name is not None else None, links.get(name, ColumnLinks(name)))
        for name in (*whole, *fields, *others)
    ]


def _column(head: Head, name: str | None, field: Field | None, links: ColumnLinks) -> dict[str, Any]:
    said = head.about.descriptions.get(name) if name is not None else None
    return {
        "column": name,
        "type": field.type if field else None,
        "description": said.text if said else field.description if field else None,
        "tags": [tag.text for tag in head.about.tags_of(name)] if name is not None else [],
        "in_schema": field is not None,
        "sources": [_link(one) for one in links.sources],
        "targets": [_link(one) for one in links.targets],
    }


def _link(link: Link) -> dict[str, Any]:
    return {
        "dataset": name_of(link.dataset),
        "column": link.column,
        "kinds": link.kinds,
        "direct": link.is_direct,
        "masked": link.is_masked,
        "jobs": link.jobs,
        "last_at": plain(link.last_at),
    }


def name_of(dataset: Dataset) -> dict[str, Any]:
    """Return the identity of a dataset."""
    return {"id": dataset.id, "namespace": dataset.namespace, "name": dataset.name}


def symlink(one: OtherName) -> dict[str, Any]:
    """Return a report that two names are one thing."""
    return {
        "id": one.link.id,
        "type": one.link.type,
        "dataset": name_of(one.dataset),
        "other": name_of(one.other),
        "first_at": plain(one.link.first_at),
        "last_at": plain(one.link.last_at),
        "suppressed_at": plain(one.link.suppressed_at),
        "suppressed_by": one.link.suppressed_by,
        "suppressed_why": one.link.suppressed_why,
    }


def _fresh(fresh: Freshness) -> dict[str, Any]:
    seconds = fresh.interval.total_seconds() if fresh.interval is not None else None
    return {"freshness": fresh.word, "interval_s": seconds, "due_at": fresh.due_at}


def _expectation(head: Head) -> dict[str, Any] | None:
    row = head.expectation
    if row is None:
        return None
    told = {"every_s": row.every_s, "by": row.by, "zone": row.zone, "min_rows": row.min_rows, "set_by": row.set_by}
    return told | {"set_at": plain(row.set_at)}
