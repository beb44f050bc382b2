"""The archive: the orders of each week as a partition of its own, counted again as a whole now and then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.demo.described import Describer
from app.demo.facets import CLIENT, facet, job_type, nominal, run_event, schema
from app.demo.lake import LAKE
from app.demo.model import Event, Facets, Ref
from app.demo.world import mondays

SOURCE = "core.orders"
ARCHIVED, CHECKED = timedelta(hours=4.4), timedelta(hours=6)


class Archive:
    """Writes the events of the archive: on Mondays a partition is written, then all there are are counted again."""

    def __init__(self, describer: Describer) -> None:
        self.describer = describer
        self.world = describer.world

    def events(self) -> Iterator[Event]:
        """Yield both runs of each Monday of the story."""
        days = mondays(self.world)
        for number, monday in enumerate(days):
            yield from self._archived(monday)
            yield from self._checked(days[: number + 1])

    def _archived(self, monday: datetime) -> Iterator[Event]:
        begin = monday + ARCHIVED
        run = self._run("archive_orders", begin, "Keeps the orders of each week for ten years, as the law asks.")
        reads, written = [self.describer.bare(SOURCE)], self._partition(monday)
        counted: Facets = {"rowCount": 7 * self.world.rows(SOURCE, begin), "size": 7 * self.world.bytes(SOURCE, begin)}
        written["outputFacets"] = {"outputStatistics": facet("outputStatistics", CLIENT, **counted, fileCount=1)}
        yield run_event("START", begin, CLIENT, run, (reads, []))
        yield run_event("COMPLETE", begin + timedelta(minutes=3.5), CLIENT, run, (reads, [written]))

    def _checked(self, days: list[datetime]) -> Iterator[Event]:
        begin = days[-1] + CHECKED
        run = self._run("check_archive", begin, "Counts the orders of the archive again.")
        reads = [self._partition(day) for day in days]
        yield run_event("START", begin, CLIENT, run, (reads, []))
        yield run_event("COMPLETE", begin + timedelta(minutes=1.5), CLIENT, run, (reads, []))

    def _partition(self, day: datetime) -> Facets:
        owned = facet("dataset.ownership", CLIENT, owners=[{"name": "team:finance", "type": "OWNER"}])
        facets: Facets = {"schema": schema(self.world.fields(SOURCE, day), CLIENT), "ownership": owned}
        return {"namespace": LAKE, "name": f"archive/orders/dt={day:%Y-%m-%d}", "facets": facets}

    def _run(self, name: str, moment: datetime, doc: str) -> tuple[Ref, Facets, Facets]:
        owners = [{"name": "team:finance", "type": "MAINTAINER"}]
        job: Facets = {
            "jobType": job_type(CLIENT, "TASK"),
            "documentation": facet("job.documentation", CLIENT, description=doc),
            "ownership": facet("job.ownership", CLIENT, owners=owners),
        }
        ref = Ref("archive", name, self.world.run_id(name, moment))
        return ref, {"nominalTime": nominal(CLIENT, moment, 168)}, job
