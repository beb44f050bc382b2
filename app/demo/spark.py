"""Spark applications as the OpenLineage listener reports them: one run for the application, one per command."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.demo.described import Describer
from app.demo.facets import SPARK, error, facet, job_type, parent, run_event
from app.demo.incidents import Failure
from app.demo.model import Event, Facets, Ref, SparkApp, Step
from app.demo.releases import properties, spark_engine
from app.demo.statements import sql
from app.demo.world import dataset

NAMESPACE = "spark-lake-prod"
HISTORY = "https://spark-history.greenbasket.example/history"
Io = tuple[list[Facets], list[Facets]]


class SparkRun:
    """One application between ``begin`` and ``end``, started by an Airflow task."""

    def __init__(
        self, describer: Describer, app: SparkApp, launch: tuple[Ref, Ref], span: tuple[datetime, datetime]
    ) -> None:
        self.describer = describer
        self.world = describer.world
        self.app = app
        self.launch = launch
        self.begin, self.end = span
        self.ref = Ref(NAMESPACE, app.name, self.world.run_id("spark", launch[0].run_id, app.name))
        self._common: Facets = {
            "processing_engine": spark_engine(self.world.day(self.begin)),
            "spark_properties": facet("spark_properties", SPARK, properties=self._properties()),
        }

    def _properties(self) -> Facets:
        own = properties(self.app, self.world.day(self.begin))
        return {"spark.master": "yarn", "spark.app.name": self.app.name, **own}

    def _details(self) -> Facets:
        application = f"application_{int(self.begin.timestamp())}_{int(self.ref.run_id[:4], 16) % 9000:04d}"
        return facet(
            "spark_applicationDetails",
            SPARK,
            master="yarn",
            appName=self.app.name,
            applicationId=application,
            deployMode="cluster",
            driverHost="emr-driver-2.greenbasket.internal",
            userName="svc-lake",
            uiWebUrl="http://emr-driver-2.greenbasket.internal:4040",
            historyUrl=f"{HISTORY}/{application}",
        )

    def events(self, failure: Failure | None = None) -> Iterator[Event]:
        """Yield start, commands and end; a failure strikes the last command and the application."""
        first = self._application("START", self.begin)
        yield first
        slot = (self.end - self.begin) / (len(self.app.steps) + 1)
        for position, step in enumerate(self.app.steps):
            moment = self.begin + slot * (position + 0.4)
            last = failure if position == len(self.app.steps) - 1 else None
            yield from self._command(step, position, (moment, moment + slot * 0.85), last)
        yield self._application("FAIL" if failure else "COMPLETE", self.end - timedelta(seconds=4), failure)

    def _application(self, state: str, moment: datetime, failure: Failure | None = None) -> Event:
        facets = {"parent": parent(SPARK, *self.launch), "spark_applicationDetails": self._details(), **self._common}
        if failure:
            facets["errorMessage"] = error(SPARK, failure.message, failure.trace, "java")
        return run_event(
            state, moment, SPARK, (self.ref, facets, {"jobType": job_type(SPARK, "APPLICATION", "NONE")}), ([], [])
        )

    def _command(
        self, step: Step, position: int, span: tuple[datetime, datetime], failure: Failure | None
    ) -> Iterator[Event]:
        """Yield START with names, then COMPLETE with numbers, or FAIL."""
        table = dataset(step.writes).table.replace(".", "_")
        name = f"{self.app.name}.execute_insert_into_hadoop_fs_relation_command.{table}"
        ref = Ref(NAMESPACE, name, self.world.run_id("spark", self.ref.run_id, step.name))
        details = facet("spark_jobDetails", SPARK, jobId=position + 1, jobDescription=f"{self.app.title}: {step.name}")
        facets = {"parent": parent(SPARK, self.ref, self.launch[1]), "spark_jobDetails": details, **self._common}
        text = sql(step, self.world, span[1], "spark")
        kind: Facets = {"jobType": job_type(SPARK, "SQL_JOB"), "sql": facet("sql", SPARK, query=text, dialect="spark")}
        yield run_event("START", span[0], SPARK, (ref, facets, kind), self.describer.bare_io(step))
        if failure:
            told = facets | {"errorMessage": error(SPARK, failure.message, failure.trace, "java")}
            yield run_event("FAIL", span[1], SPARK, (ref, told, kind), self.describer.bare_io(step))
            return
        yield run_event("COMPLETE", span[1], SPARK, (ref, facets, kind), self._io(step, span[1]))

    def _io(self, step: Step, moment: datetime) -> Io:
        """Return inputs and outputs with numbers; clicks are read a few hours at a time."""
        hours = 6 if self.app.name == "sessionize_clickstream" else 24
        inputs, outputs = self.describer.io(step, moment, SPARK, hours / 24)
        if step.name == "clickstream":
            inputs = [self.describer.partition("landing:clickstream", moment, hours)]
        return inputs, outputs
