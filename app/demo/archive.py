"""The archive: what was ordered each day, a partition of its own for each night, read as a whole once a week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.demo.described import Describer
from app.demo.facets import CLIENT, facet, job_type, nominal, run_event, schema
from app.demo.lake import LAKE
from app.demo.model import Event, Facets, Ref
from app.demo.world import mondays

SOURCE = "core.orders"
HOUR = 4.4
WEEK = 7


class Archive:
    """Writes the events of the archive: one run a night, and a check of the last week on Mondays."""

    def __init__(self, describer: Describer) -> None:
        self.describer = describer
        self.world = describer.world

    def events(self) -> Iterator[Event]:
        """Yield a run for each night of the story, and one for each Monday."""
        first = self.world.start.replace(hour=0, minute=0, second=0, microsecond=0)
        for number in range((self.world.now - first).days + 1):
            night = first + timedelta(days=number, hours=HOUR)
            if night >= self.world.start:
                yield from self._archived(night)
        for monday in mondays(self.world):
            yield from self._checked(monday + timedelta(hours=6))

    def _archived(self, night: datetime) -> Iterator[Event]:
        run = self._run("archive_orders", night, "Keeps the orders of each day for ten years, as the law asks.")
        reads, writes = [self.describer.bare(SOURCE)], [self._partition(night - timedelta(days=1))]
        counted: Facets = {"rowCount": self.world.rows(SOURCE, night), "size": self.world.bytes(SOURCE, night)}
        writes[0]["outputFacets"] = {"outputStatistics": facet("outputStatistics", CLIENT, **counted, fileCount=1)}
        yield run_event("START", night, CLIENT, run, (reads, []))
        yield run_event("COMPLETE", night + timedelta(minutes=3.5), CLIENT, run, (reads, writes))

    def _checked(self, moment: datetime) -> Iterator[Event]:
        """Yield one check of the partitions of the week before; of the first week, those there are."""
        run = self._run("check_archive", moment, "Counts the orders of the archive again.")
        days = (moment - timedelta(days=back) for back in range(WEEK, 0, -1))
        reads = [self._partition(day) for day in days if day > self.world.start]
        yield run_event("START", moment, CLIENT, run, (reads, []))
        yield run_event("COMPLETE", moment + timedelta(minutes=1.5), CLIENT, run, (reads, []))

    def _partition(self, day: datetime) -> Facets:
        fields = schema(self.world.fields(SOURCE, day), CLIENT)
        return {"namespace": LAKE, "name": f"archive/orders/dt={day:%Y-%m-%d}", "facets": {"schema": fields}}

    def _run(self, name: str, moment: datetime, doc: str) -> tuple[Ref, Facets, Facets]:
        owners = [{"name": "team:finance", "type": "MAINTAINER"}]
        job: Facets = {
            "jobType": job_type(CLIENT, "TASK"),
            "documentation": facet("job.documentation", CLIENT, description=doc),
            "ownership": facet("job.ownership", CLIENT, owners=owners),
        }
        ref = Ref("archive", name, self.world.run_id(name, moment))
        return ref, {"nominalTime": nominal(CLIENT, moment, 24)}, job
