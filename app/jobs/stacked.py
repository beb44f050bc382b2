"""A chart of stacked columns: rectangles and round numbers for its scale. Pure; templates draw what this returns."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.web.scale import Scale, nice_ticks

PLACE, GAP = 10.0, 1.5


@dataclass(frozen=True, slots=True)
class Box:
    """One part of a column: which series, its number and its rectangle."""

    series: int
    value: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Stacked:
    """Columns of boxes ten units apart, and the ticks of the scale, the highest first, evenly spaced down to 0."""

    columns: list[list[Box]]
    ticks: list[float]
    width: float
    height: float

    @property
    def lines(self) -> list[float]:
        """Return where the lines of the scale are."""
        scale = Scale(0, self.ticks[0] or 1, self.height, 0)
        return [scale.at(tick) for tick in self.ticks]


def stacked(columns: Sequence[Sequence[int]], height: float = 200.0) -> Stacked:
    """Return the chart of columns of numbers, the first series at the foot; whole numbers only on its scale."""
    top = max((sum(column) for column in columns), default=0)
    ticks = [tick for tick in nice_ticks(0, max(top, 1), 4) if tick == int(tick)]
    scale = Scale(0, ticks[-1], 0, height)
    found = []
    for place, column in enumerate(columns):
        foot, boxes = height, []
        for series, value in enumerate(column):
            if value > 0:
                tall = scale.at(value)
                foot = round(foot - tall, 2)
                boxes.append(Box(series, value, place * PLACE + GAP, foot, PLACE - 2 * GAP, tall))
        found.append(boxes)
    return Stacked(found, ticks[::-1], len(columns) * PLACE, height)
