"""The one list of capabilities; every slice adds its own when it is imported."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["realm", "app"]


@dataclass(frozen=True, slots=True)
class Capability:
    """Something that can be granted: in the whole realm, or for one app of it."""

    name: str
    level: Level
    description: str
    implies: tuple[str, ...] = ()


_REGISTRY: dict[str, Capability] = {}


def capability(name: str, level: Level, description: str, implies: tuple[str, ...] = ()) -> Capability:
    """Add a capability and return it; the same words twice are the same capability.

    Raises ValueError if the name is known with another meaning.
    """
    new = Capability(name, level, description, implies)
    if _REGISTRY.setdefault(name, new) != new:
        raise ValueError(f"capability {name} is registered twice")
    return new


def capabilities() -> dict[str, Capability]:
    """Return all capabilities by name, in order of their names."""
    return dict(sorted(_REGISTRY.items()))


def is_known(name: str) -> bool:
    """Return whether some slice offers the capability."""
    return name in _REGISTRY


def satisfies(held: str, asked: str) -> bool:
    """Return whether holding one capability opens what asks for another (app set aside).

    root opens everything, report everything that reads, a ``.write`` its ``.read``.
    """
    if held in (asked, "root"):
        return True
    if held == "report":
        return asked.endswith(".read")
    if held.endswith(".write") and asked == held.removesuffix(".write") + ".read":
        return True
    known = _REGISTRY.get(held)
    return known is not None and asked in known.implies
