"""Where each box and line of a picture goes: layers by distance, left to right. Pure but for the ``dot`` program."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from app.lineage.graph.draw import dot, layers
from app.lineage.graph.draw.model import Layout, Place, Point, Size

GAP: Final = 96
MARGIN: Final = 44


def laid_out(sizes: Iterable[Size], pairs: Iterable[tuple[str, str]]) -> Layout:
    """Return where everything goes; the same boxes and pairs always get the same places.

    Boxes of a layer are made equally wide. Asks ``dot`` (at most 2 s), else places layer by layer.
    """
    boxes = _even(sorted(sizes, key=lambda size: (size.layer, size.key)))
    layer = {size.key: size.layer for size in boxes}
    known = {(one, other) for one, other in pairs if one in layer and other in layer and layer[one] != layer[other]}
    forward = {pair if layer[pair[0]] < layer[pair[1]] else (pair[1], pair[0]) for pair in known}
    return _placed(tuple(boxes), tuple(sorted(forward)))


def _even(sizes: Sequence[Size]) -> list[Size]:
    """Return the sizes with one width for each layer, and layers without a gap in their numbers."""
    widest: dict[int, float] = {}
    for size in sizes:
        widest[size.layer] = max(widest.get(size.layer, 0), size.width)
    order = {layer: index for index, layer in enumerate(sorted(widest))}
    return [replace(size, layer=order[size.layer], width=widest[size.layer]) for size in sizes]


@lru_cache(maxsize=256)
def _placed(sizes: tuple[Size, ...], pairs: tuple[tuple[str, str], ...]) -> Layout:
    if not sizes:
        return Layout()
    try:
        centres, routes = dot.placed(sizes, pairs, GAP)
        is_simple = False
    except dot.NoLayoutError:
        centres, routes = layers.placed(sizes, pairs, GAP)
        is_simple = True
    return _framed(sizes, centres, routes, is_simple=is_simple)


def _framed(
    sizes: Sequence[Size], centres: dict[str, Point], routes: dict[tuple[str, str], list[Point]], *, is_simple: bool
) -> Layout:
    """Return the layout with its left upper corner at the margin."""
    left = min(centres[size.key][0] - size.width / 2 for size in sizes) - MARGIN
    top = min(centres[size.key][1] - size.height / 2 for size in sizes) - MARGIN
    places = {
        size.key: Place(
            round(centres[size.key][0] - size.width / 2 - left),
            round(centres[size.key][1] - size.height / 2 - top),
            size.width,
            size.height,
        )
        for size in sizes
    }
    moved = {pair: [(round(x - left, 1), round(y - top, 1)) for x, y in points] for pair, points in routes.items()}
    low = [y for points in moved.values() for _, y in points]
    return Layout(
        max(place.right for place in places.values()) + MARGIN,
        max(max(place.y + place.height for place in places.values()) + MARGIN, max(low, default=0) + MARGIN / 2),
        places,
        moved,
        is_simple,
    )
