"""What kinds of things there are, and where their pages are; used for links from the change log."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from werkzeug.routing import BuildError

from app.web.guard import mark_of
from app.web.shell import may


@dataclass(frozen=True, slots=True)
class EntityKind:
    """A kind of thing: its label, and the page of one, if it has a page."""

    kind: str
    label: str
    endpoint: str | None = None
    arg: str = "id"


_KINDS: dict[str, EntityKind] = {}


def entity_kind(kind: str, *, label: str, endpoint: str | None = None, arg: str = "id") -> None:
    """Add a kind; ``arg`` is the URL argument of ``endpoint`` that takes the entity id as text."""
    _KINDS[kind] = EntityKind(kind, label, endpoint, arg)


def label_of(kind: str) -> str:
    """Return the words for a kind, the kind itself when no slice named it."""
    known = _KINDS.get(kind)
    return known.label if known else kind


def kind_of(kind: str) -> EntityKind | None:
    """Return what is known of a kind, None when no slice named it."""
    return _KINDS.get(kind)


def kinds() -> list[EntityKind]:
    """Return all kinds by label."""
    return sorted(_KINDS.values(), key=lambda kind: kind.label)


def url_of(kind: str, entity_id: str) -> str | None:
    """Return the page of one thing in the realm of the request, None if it has none that the person may open."""
    known = _KINDS.get(kind)
    if known is None or known.endpoint is None or known.endpoint not in current_app.view_functions:
        return None
    mark = mark_of(current_app, known.endpoint)
    if mark is not None and mark.kind == "needs" and not may(*mark.names):
        return None
    values: dict[str, Any] = {known.arg: entity_id}
    try:
        return url_for(known.endpoint, **values)
    except (BuildError, ValueError):
        return None
