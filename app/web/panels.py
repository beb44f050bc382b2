"""Parts of a page that another slice offers: tabs, cards, comparison parts."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Panel:
    """A part: its template with context, and the same as JSON for the API and export."""

    title: str
    template: str
    context: dict[str, Any]
    json: Any = None


Maker = Callable[[Any], Panel | None]
_MAKERS: defaultdict[tuple[str, str], list[Maker]] = defaultdict(list)


def panel(kind: str, slot: str) -> Callable[[Maker], Maker]:
    """Register a function that makes a panel from the entity, or None when it has nothing to show."""

    def register(maker: Maker) -> Maker:
        if maker not in _MAKERS[kind, slot]:
            _MAKERS[kind, slot].append(maker)
        return maker

    return register


def panels(kind: str, slot: str, entity: Any) -> list[Panel]:
    """Return the panels of a slot for an entity, in the order of registration."""
    return [made for maker in _MAKERS[kind, slot] if (made := maker(entity)) is not None]
