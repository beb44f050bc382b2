"""Datasets of a namespace, and one of them."""

from typing import Any

from app.lineage.marquez import find, paging, queries, shapes
from app.lineage.marquez.asked import Ask
from app.lineage.marquez.said import said
from app.lineage.models import Dataset

Json = dict[str, Any]


def listed(ask: Ask, namespace: str) -> Json:
    """Answer the datasets of a namespace by name."""
    name, location = find.namespace(ask, namespace)
    found = queries.datasets(name, location.id)
    rows: list[Dataset] = [row[0] for row in paging.rows(ask, found)]
    told = said(ask.session, rows)
    return {
        "datasets": [shapes.dataset(row, told[row.id]) for row in rows],
        "totalCount": paging.total(ask, found, Dataset.id),
    }


def one(ask: Ask, namespace: str, name: str) -> Json:
    """Answer one dataset; any of its names finds it and is the name it answers with."""
    row = find.dataset(ask, namespace, name)
    return shapes.dataset(row, said(ask.session, [row])[row.id])
