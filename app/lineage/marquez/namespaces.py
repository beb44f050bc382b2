"""Namespaces: every spelling under which a dataset or job was reported."""

from typing import Any

from app.lineage.marquez import find, paging, queries, shapes
from app.lineage.marquez.asked import Ask

Json = dict[str, Any]


def listed(ask: Ask) -> Json:
    """Answer the namespaces by name."""
    found = paging.rows(ask, queries.addresses())
    return {"namespaces": [shapes.namespace(name, location.created_at) for name, location in found]}


def one(ask: Ask, namespace: str) -> Json:
    """Answer one namespace."""
    name, location = find.namespace(ask, namespace)
    return shapes.namespace(name, location.created_at)
