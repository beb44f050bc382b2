"""Places without a program: boxes in their layers, ordered by where their neighbours stand. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from app.lineage.graph.draw.model import BETWEEN, Point, Size

SWEEPS: Final = 6


def placed(
    sizes: Sequence[Size], pairs: Sequence[tuple[str, str]], gap: float
) -> tuple[dict[str, Point], dict[tuple[str, str], list[Point]]]:
    """Return the centre of each box, and no curves: what skips a layer goes straight."""
    columns: dict[int, list[Size]] = defaultdict(list)
    for size in sizes:
        columns[size.layer].append(size)
    beside: dict[str, list[str]] = defaultdict(list)
    for one, other in pairs:
        beside[one].append(other)
        beside[other].append(one)
    height = {key: _stacked(column) for key, column in columns.items()}
    middle = {
        size.key: place for key, column in columns.items() for size, place in zip(column, height[key], strict=True)
    }
    for sweep in range(SWEEPS):
        for key in sorted(columns, reverse=bool(sweep % 2)):
            _order(columns[key], beside, middle)
    return _across(columns, middle, gap), {}


def _stacked(column: Sequence[Size]) -> list[float]:
    """Return the middles of boxes that stand one below the other around height 0."""
    top = -(sum(size.height for size in column) + BETWEEN * (len(column) - 1)) / 2
    found = []
    for size in column:
        found.append(top + size.height / 2)
        top += size.height + BETWEEN
    return found


def _order(column: list[Size], beside: dict[str, list[str]], middle: dict[str, float]) -> None:
    """Sort a layer by the mean height of its neighbours, and move it as a whole to where they stand."""
    wanted = {size.key: _mean([middle[key] for key in beside[size.key]], middle[size.key]) for size in column}
    column.sort(key=lambda size: (wanted[size.key], size.key))
    places = _stacked(column)
    shift = _mean([wanted[size.key] - place for size, place in zip(column, places, strict=True)], 0)
    middle.update({size.key: place + shift for size, place in zip(column, places, strict=True)})


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _across(columns: dict[int, list[Size]], middle: dict[str, float], gap: float) -> dict[str, Point]:
    found: dict[str, Point] = {}
    left = 0.0
    for key in sorted(columns):
        width = columns[key][0].width
        found |= {size.key: (left + width / 2, middle[size.key]) for size in columns[key]}
        left += width + gap
    return found
