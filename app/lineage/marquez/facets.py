"""Facets from the index on an entity and the contents it names, without secrets."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from app.lineage.marquez import queries
from app.lineage.show import shown_body

Index = Mapping[str, list[Any]]


def index(text: str) -> dict[str, list[Any]]:
    """Return name -> [time in us, arrival, digest, deleted] of the facets an entity has now."""
    found: dict[str, list[Any]] = msgspec.json.decode(text)
    return {name: item for name, item in found.items() if item[2] and not item[3]}


def merged(texts: Iterable[str]) -> dict[str, list[Any]]:
    """Return the facets of several names of one thing; the first that has a facet counts."""
    found: dict[str, list[Any]] = {}
    for text in texts:
        for name, item in index(text).items():
            found.setdefault(name, item)
    return found


def load(session: Session, indexes: Mapping[int, Index]) -> dict[int, dict[str, Any]]:
    """Return facets by entity id; one statement."""
    digests = {bytes.fromhex(item[2]) for one in indexes.values() for item in one.values()}
    bodies = {row.digest: shown_body(row.body) for row in session.execute(queries.bodies(digests))} if digests else {}
    return {
        entity: {
            name: bodies[digest] for name, item in sorted(one.items()) if (digest := bytes.fromhex(item[2])) in bodies
        }
        for entity, one in indexes.items()
    }
