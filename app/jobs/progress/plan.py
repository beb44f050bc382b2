"""What a run is expected to do, as plain values."""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class PlannedValue:
    """A value that reports of a step may carry: ``kind`` is text, number or link."""

    name: str
    kind: str = "text"
    units: str | None = None
    private: bool = False


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step; ``points`` is its weight."""

    tag: str
    name: str
    points: int
    required: bool = True
    metadata: tuple[PlannedValue, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The steps of one version of a configuration in their order."""

    name: str
    steps: tuple[PlannedStep, ...] = ()

    @cached_property
    def counted(self) -> tuple[PlannedStep, ...]:
        """Return the steps that must be done: the required ones, or all when none is."""
        return tuple(step for step in self.steps if step.required) or self.steps

    @cached_property
    def weights(self) -> dict[str, int]:
        """Return the weight of each counted step by tag: its points, never below 0; all 1 when all are 0."""
        weights = {step.tag: max(step.points, 0) for step in self.counted}
        return weights if any(weights.values()) else dict.fromkeys(weights, 1)
