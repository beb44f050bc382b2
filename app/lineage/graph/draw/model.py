"""Values of a picture in the making: what is to be placed, where it stands, where links lead. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

# Pixels between boxes of a layer.
BETWEEN: Final = 18
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Size:
    """A box to be placed: its name within the picture, its layer, width and height in pixels."""

    key: str
    layer: int
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box stands: its left upper corner and its size in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return its right edge."""
        return self.x + self.width

    @property
    def middle(self) -> float:
        """Return the height of its middle."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Layout:
    """A picture's places by key, and for lines over more than one layer the points of their curve.

    ``is_simple``: the program was not there, failed or took too long, so our own layers stand in.
    """

    width: float = 0
    height: float = 0
    places: dict[str, Place] = field(default_factory=dict)
    routes: dict[tuple[str, str], list[Point]] = field(default_factory=dict)
    is_simple: bool = False


@dataclass(frozen=True, slots=True)
class Links:
    """Where links of a picture lead: ``change`` takes fields of Question, ``page`` a node."""

    change: Callable[..., str]
    page: Callable[[Any], str | None]
