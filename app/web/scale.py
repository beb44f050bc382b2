"""Numbers for charts drawn as SVG: scales, ticks, lines and bars. No markup here; templates draw what this returns.

Coordinates are SVG's: y grows downwards, so a greater value has a smaller y. All are rounded to a hundredth.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple, TypeGuard


class Scale(NamedTuple):
    """A linear map from values ``low..high`` to coordinates ``start..end``; see ``at``."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the coordinate of a value; the middle if all values are equal. Values outside are not cut."""
        span = self.high - self.low
        share = (value - self.low) / span if span else 0.5
        return round(self.start + share * (self.end - self.start), 2)


class Bar(NamedTuple):
    """One bar: its value as given and its rectangle. A missing value has height 0."""

    value: float | None
    x: float
    y: float
    width: float
    height: float


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Return about ``count`` round numbers (1, 2 or 5 times a power of ten apart) that cover ``low..high``.

    Equal or not finite bounds give one tick, or none.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return []
    low, high = min(low, high), max(low, high)
    rough = (high - low) / max(1, count)
    if rough <= 0 or not math.isfinite(rough):
        return [low]
    power = 10.0 ** math.floor(math.log10(rough))
    if power <= 0:  # smaller than the smallest normal number
        return [low, high]
    step = power * next(factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999 or factor == 10)  # noqa: PLR2004
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = max(0, -math.floor(math.log10(step)))
    return [round(index * step, digits) for index in range(first, last + 1)]


def sparkline(
    values: Sequence[float | None], width: float, height: float, *, pad: float = 1.0, zero: bool = False
) -> list[str]:
    """Return the ``points`` of one polyline per run of present values, evenly spaced over ``width``.

    A gap (None or not finite) breaks the line; a lone value becomes a short level stroke, so that it is seen. With
    ``zero`` the scale includes 0; ``pad`` keeps strokes inside the drawing.
    """
    present = [value for value in values if _is_number(value)]
    if not present:
        return []
    floor = [0.0] if zero else []
    y = Scale(min([*present, *floor]), max([*present, *floor]), height - pad, pad)
    x = Scale(0, len(values) - 1, pad, width - pad)
    return [_points(run, x, y) for run in _runs(values)]


def last_point(
    values: Sequence[float | None], width: float, height: float, *, pad: float = 1.0, zero: bool = False
) -> tuple[float, float] | None:
    """Return the end of the sparkline drawn with the same arguments, for a dot there; None if it is empty."""
    lines = sparkline(values, width, height, pad=pad, zero=zero)
    if not lines:
        return None
    x, _comma, y = lines[-1].rpartition(" ")[2].partition(",")
    return float(x), float(y)


def bars(values: Sequence[float | None], width: float, height: float, *, gap: float = 0.2) -> list[Bar]:
    """Return one bar per value, side by side over ``width``; ``gap`` is the share of a place left free, 0 to 1.

    Bars stand on the zero line: negative values hang below it. A value other than zero is at least half a unit high.
    """
    if not values:
        return []
    present = [value for value in values if _is_number(value)]
    y = Scale(min([0.0, *present]), max([0.0, *present]), height, 0.0)
    base = y.at(0) if y.low < y.high else height
    place = width / len(values)
    return [_bar(value, place * (index + gap / 2), place * (1 - gap), base, y) for index, value in enumerate(values)]


def shares(values: Sequence[float], width: float) -> list[tuple[float, float]]:
    """Return (x, width) of each value in one stacked bar; negative and missing ones are 0 wide."""
    sizes = [value if _is_number(value) and value > 0 else 0.0 for value in values]
    total = sum(sizes)
    x, found = 0.0, []
    for size in sizes:
        span = width * size / total if total else 0.0
        found.append((round(x, 2), round(span, 2)))
        x += span
    return found


def _is_number(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    runs: list[list[tuple[int, float]]] = [[]]
    for index, value in enumerate(values):
        if _is_number(value):
            runs[-1].append((index, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _points(run: list[tuple[int, float]], x: Scale, y: Scale) -> str:
    points = [(x.at(index), y.at(value)) for index, value in run]
    if len(points) == 1:
        (middle, level), half = points[0], 1.0
        points = [(round(middle - half, 2), level), (round(middle + half, 2), level)]
    return " ".join(f"{across:g},{down:g}" for across, down in points)


def _bar(value: float | None, x: float, width: float, base: float, y: Scale) -> Bar:
    if not _is_number(value) or value == 0:
        return Bar(value, round(x, 2), base, round(width, 2), 0.0)
    height = max(0.5, abs(y.at(value) - base))
    top = base - height if value > 0 else base
    return Bar(value, round(x, 2), round(top, 2), round(width, 2), round(height, 2))
