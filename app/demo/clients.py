"""Jobs that report themselves with openlineage-python: the supplier portal loader, the KPI pack, odd ones out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.demo.described import Describer
from app.demo.facets import CLIENT, error, facet, job_type, nominal, run_event, schema
from app.demo.incidents import python_failure
from app.demo.model import Event, Facets, Ref
from app.demo.warehouse import kpi_pack
from app.demo.world import mondays

LOADER_SOURCE = '''import csv, io, os, requests, pyarrow.parquet as pq

def main(day: str) -> None:
    """Fetch price lists of all suppliers and write them as Parquet."""
    reply = requests.get(os.environ["PORTAL_URL"], auth=("loader", os.environ["PORTAL_PASSWORD"]), timeout=60)
    reply.raise_for_status()
    pq.write_table(to_table(csv.DictReader(io.StringIO(reply.text))), target(day))
'''
SECRET = "gr33n-Basket!portal"  # noqa: S105  a made-up one, there to show that it is masked
ENVIRONMENT = (
    ("PORTAL_URL", "https://portal.suppliers.example/export/prices.csv"),
    ("PORTAL_PASSWORD", SECRET),
    ("AWS_REGION", "eu-central-1"),
    ("DATABASE_URL", f"postgresql://loader:{SECRET}@pg-ops.greenbasket.internal:5432/ops"),
)
LAST_PRICE_LIST = -3
Io = tuple[list[Facets], list[Facets]]


class Client:
    """Writes the events of hand-made jobs."""

    def __init__(self, describer: Describer) -> None:
        self.describer = describer
        self.world = describer.world

    def events(self) -> Iterator[Event]:
        """Yield the runs of all hand-made jobs."""
        for days in range((self.world.now - self.world.start).days + 1):
            moment = (self.world.start + timedelta(days=days)).replace(hour=4, minute=12, second=7, microsecond=0)
            if moment >= self.world.start and self.world.day(moment) <= LAST_PRICE_LIST:
                yield from self._price_lists(moment)
        for monday in mondays(self.world):
            yield from self._kpi_pack(monday + timedelta(hours=8.2))
        yield from self._aborted(self.world.before(4, 13.4))
        yield from self._lost(self.world.before(3, 21.7))
        yield from self._queued()
        yield from self._running()

    def _facets(self, moment: datetime, **more: Facets) -> Facets:
        tags = [{"key": "openlineage_client_version", "value": "1.54.0", "source": "OPENLINEAGE_CLIENT"}]
        return {"nominalTime": nominal(CLIENT, moment, 24), "tags": facet("run.tags", CLIENT, tags=tags), **more}

    def _job(self, doc: str, owner: str, **more: Facets) -> Facets:
        owners = [{"name": owner, "type": "MAINTAINER"}]
        return {
            "jobType": job_type(CLIENT, "TASK"),
            "documentation": facet("job.documentation", CLIENT, description=doc),
            "ownership": facet("job.ownership", CLIENT, owners=owners),
            **more,
        }

    def _price_lists(self, moment: datetime) -> Iterator[Event]:
        """Yield one run of the price list loader; it stopped three days ago and nobody noticed."""
        ref = Ref("supplier-portal", "price_list_loader", self.world.run_id("prices", moment))
        variables = [{"name": name, "value": value} for name, value in ENVIRONMENT]
        parameters = [{"key": "day", "name": "Business day", "value": f"{moment:%Y-%m-%d}"}]
        facets = self._facets(
            moment,
            environmentVariables=facet("environmentVariables", CLIENT, environmentVariables=variables),
            executionParameters=facet("executionParameters", CLIENT, parameters=parameters),
        )
        source = facet("sourceCode", CLIENT, language="python", sourceCode=LOADER_SOURCE)
        job = self._job("Fetches price lists from the supplier portal.", "user:m.okafor", sourceCode=source)
        end = moment + timedelta(minutes=self.world.rng("prices", moment).uniform(6, 11))
        reads = [self.describer.bare("suppliers")]
        key = "landing:price_lists"
        size: Facets = {"rowCount": self.world.rows(key, end), "size": self.world.bytes(key, end), "fileCount": 4}
        writes = self.describer.bare(key) | {
            "facets": self.describer.facets(key, end, CLIENT),
            "outputFacets": {"outputStatistics": facet("outputStatistics", CLIENT, **size)},
        }
        yield run_event("START", moment, CLIENT, (ref, facets, job), (reads, []))
        yield run_event("COMPLETE", end, CLIENT, (ref, facets, job), (reads, [writes]))

    def _kpi_pack(self, moment: datetime) -> Iterator[Event]:
        """Yield one weekly KPI pack, each a partition path of its own."""
        ref = Ref("reporting", "weekly_kpi_pack", self.world.run_id("kpi", moment))
        year, week, _ = moment.isocalendar()
        pack = kpi_pack(year, week)
        output: Facets = {
            "namespace": pack.namespace,
            "name": pack.name,
            "facets": {"schema": schema(pack.fields, CLIENT)},
        }
        output["outputFacets"] = {
            "outputStatistics": facet("outputStatistics", CLIENT, rowCount=294, size=48_113, fileCount=1)
        }
        inputs = [self.describer.bare(f"marts.{name}") for name in ("mart_revenue_daily", "mart_delivery_punctuality")]
        run = (ref, self._facets(moment), self._job("Spreadsheet for the Monday meeting.", "user:j.lindqvist"))
        yield run_event("START", moment, CLIENT, run, (inputs, []))
        yield run_event("COMPLETE", moment + timedelta(minutes=2.4), CLIENT, run, (inputs, [output]))

    def _aborted(self, moment: datetime) -> Iterator[Event]:
        """Yield a run somebody stopped."""
        ref = Ref("search", "reindex_products", self.world.run_id("reindex", moment))
        facets = self._facets(moment)
        job = self._job("Rebuilds the product search index.", "team:ops")
        io: Io = ([self.describer.bare("products")], [])
        yield run_event("START", moment, CLIENT, (ref, facets, job), io)
        yield run_event("RUNNING", moment + timedelta(minutes=20), CLIENT, (ref, facets, job), io)
        told = facets | {
            "errorMessage": error(CLIENT, "Stopped by s.haddad: wrong index alias, would have replaced production")
        }
        yield run_event("ABORT", moment + timedelta(minutes=31), CLIENT, (ref, told, job), io)

    def _lost(self, moment: datetime) -> Iterator[Event]:
        """Yield a failed run, then one that started and was never heard of again."""
        job = self._job("Adds coordinates to new addresses.", "team:ops")
        io: Io = ([self.describer.bare("addresses")], [])
        first = Ref("geo", "geocode_addresses", self.world.run_id("geo", 1))
        why = python_failure(
            "requests.exceptions.HTTPError",
            "429 Client Error: Too Many Requests for url: https://geocoder.example/batch",
        )
        yield run_event("START", moment, CLIENT, (first, self._facets(moment), job), io)
        told = self._facets(moment, errorMessage=error(CLIENT, why.message, why.trace))
        yield run_event("FAIL", moment + timedelta(minutes=4), CLIENT, (first, told, job), io)
        second = Ref("geo", "geocode_addresses", self.world.run_id("geo", 2))
        again = moment + timedelta(minutes=30)
        yield run_event("START", again, CLIENT, (second, self._facets(again), job), io)

    def _queued(self) -> Iterator[Event]:
        """Yield runs that wait for a slot right now."""
        for name, minutes in (("score_churn", 6.0), ("retrain_fraud_model", 3.5)):
            moment = self.world.now - timedelta(minutes=minutes)
            ref = Ref("ml-platform", name, self.world.run_id("queued", name, moment))
            run = (ref, self._facets(moment), self._job("Waits for a GPU.", "team:ml"))
            yield run_event("OTHER", moment, CLIENT, run, ([self.describer.bare("features.customer_rfm")], []))

    def _running(self) -> Iterator[Event]:
        """Yield a training that runs right now and says so every five minutes."""
        begin = self.world.now - timedelta(minutes=27)
        ref = Ref("ml-platform", "train_substitutions_embedding", self.world.run_id("train", begin))
        run = (ref, self._facets(begin), self._job("Which product may replace which.", "team:ml"))
        io: Io = ([self.describer.bare("core.order_items")], [])
        yield run_event("START", begin, CLIENT, run, io)
        for minutes in (5, 10, 15, 20, 25):
            yield run_event("RUNNING", begin + timedelta(minutes=minutes), CLIENT, run, io)

    def later(self) -> Iterator[Event]:
        """Yield how the runs that wait or train at the end of the story go on, until each has ended."""
        now = self.world.now
        for name, waited, waits, lasts in (("score_churn", 6.0, 4.0, 9.0), ("retrain_fraud_model", 3.5, 9.0, 52.0)):
            ref = Ref("ml-platform", name, self.world.run_id("queued", name, now - timedelta(minutes=waited)))
            yield from self.trained(ref, now + timedelta(minutes=waits), lasts)
        begin = now - timedelta(minutes=27)
        ref = Ref("ml-platform", "train_substitutions_embedding", self.world.run_id("train", begin))
        yield from self.trained(ref, begin, 83.0)

    def trained(self, ref: Ref, begin: datetime, lasts: float, failure: str = "") -> Iterator[Event]:
        """Yield the run of a model that begins, says every five minutes that it lives, and ends after ``lasts``."""
        run = (ref, self._facets(begin), self._job("Trains or applies a model.", "team:ml"))
        io: Io = ([self.describer.bare("features.customer_rfm")], [])
        yield run_event("START", begin, CLIENT, run, io)
        for minutes in range(5, int(lasts), 5):
            yield run_event("RUNNING", begin + timedelta(minutes=minutes), CLIENT, run, io)
        if failure:
            run = (ref, self._facets(begin, errorMessage=error(CLIENT, failure)), run[2])
        yield run_event("FAIL" if failure else "COMPLETE", begin + timedelta(minutes=lasts), CLIENT, run, io)

    def queued(self, ref: Ref, moment: datetime) -> Event:
        """Return the word that a run waits for a slot."""
        run = (ref, self._facets(moment), self._job("Waits for a GPU.", "team:ml"))
        return run_event("OTHER", moment, CLIENT, run, ([self.describer.bare("features.customer_rfm")], []))
