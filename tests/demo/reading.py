"""Typed ways to look into generated events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
ENDS = ("COMPLETE", "FAIL", "ABORT")


@dataclass(frozen=True, slots=True)
class Told:
    """The events of a story and the moment it was told."""

    events: list[dict[str, Any]]
    now: datetime

    @property
    def runs(self) -> dict[str, list[dict[str, Any]]]:
        """Return the events of each run, by time."""
        found: dict[str, list[dict[str, Any]]] = {}
        for event in sorted((one for one in self.events if "run" in one), key=lambda one: str(one["eventTime"])):
            found.setdefault(event["run"]["runId"], []).append(event)
        return found

    def of(self, job: str, state: str = "") -> list[dict[str, Any]]:
        """Return the events of a job, of one state if it is given, by time."""
        found = [
            one
            for one in self.events
            if one.get("job", {}).get("name") == job and one.get("eventType", "").startswith(state)
        ]
        return sorted(found, key=lambda one: str(one["eventTime"]))

    def datasets(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Yield every dataset named, with its event."""
        for event in self.events:
            for one in (
                *event.get("inputs", ()),
                *event.get("outputs", ()),
                *([event["dataset"]] if "dataset" in event else ()),
            ):
                yield event, one

    def facets(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the name and body of every facet."""
        for event in self.events:
            for part in ("run", "job"):
                yield from event.get(part, {}).get("facets", {}).items()
        for _, one in self.datasets():
            for group in ("facets", "inputFacets", "outputFacets"):
                yield from one.get(group, {}).items()

    def written(self, name: str) -> list[tuple[datetime, dict[str, Any]]]:
        """Return when a dataset was written with numbers, and how it was described, by time."""
        found = [
            (datetime.fromisoformat(event["eventTime"]), one)
            for event in self.events
            for one in event.get("outputs", ())
            if one["name"] == name and one.get("outputFacets")
        ]
        return sorted(found, key=lambda pair: pair[0])
