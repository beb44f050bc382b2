"""dbt invocations as dbt-ol reports them: one run for the command, one per node, statements of failed nodes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import md5

from app.demo.dbtproject import MODELS, SEEDS, SNAPSHOTS, TESTS
from app.demo.described import Describer
from app.demo.facets import DBT, engine, error, facet, job_type, parent, run_event
from app.demo.incidents import BROKEN_MODEL, DBT_ERROR, DBT_TRACE, broken
from app.demo.model import Check, Event, Facets, Model, Ref
from app.demo.statements import sql
from app.demo.world import dataset

NAMESPACE = "dbt-greenbasket"
PROJECT = "greenbasket_analytics"
NODES = {"run": MODELS, "seed": SEEDS, "snapshot": SNAPSHOTS}


class DbtRun:
    """One ``dbt`` command between ``begin`` and ``end``, started by an Airflow task."""

    def __init__(
        self, describer: Describer, command: str, launch: tuple[Ref, Ref], span: tuple[datetime, datetime]
    ) -> None:
        self.describer = describer
        self.world = describer.world
        self.command = command
        self.launch = launch
        self.begin, self.end = span
        self.day = self.world.day(self.begin)
        self.ref = Ref(NAMESPACE, f"dbt-run-{PROJECT}", self.world.run_id("dbt", launch[0].run_id))
        self._common: Facets = {
            "processing_engine": engine(DBT),
            "dbt_version": facet("dbt_version", DBT, version="1.9.11"),
        }
        self._common["dbt_run"] = facet(
            "dbt_run",
            DBT,
            invocation_id=self.world.run_id("invocation", launch[0].run_id),
            project_name=PROJECT,
            project_version="3.14.0",
            profile_name="greenbasket",
            dbt_runtime="core",
        )

    def events(self) -> Iterator[Event]:
        """Yield start, nodes or tests, and end; the end fails if a node or an error test failed."""
        yield self._invocation("START", self.begin)
        nodes = list(self._tests() if self.command == "test" else self._nodes(NODES[self.command]))
        yield from nodes
        if any(one["eventType"] == "FAIL" for one in nodes):
            seconds = (self.end - self.begin).total_seconds()
            text = f"Command `dbt {self.command}` failed at {self.end:%H:%M:%S.%f} after {seconds:.2f} seconds"
            yield self._invocation("FAIL", self.end - timedelta(seconds=2), text)
        else:
            yield self._invocation("COMPLETE", self.end - timedelta(seconds=2))

    def _invocation(self, state: str, moment: datetime, message: str = "") -> Event:
        facets = {"parent": parent(DBT, *self.launch), **self._common}
        if message:
            facets["errorMessage"] = error(DBT, message, language="sql")
        return run_event(state, moment, DBT, (self.ref, facets, {"jobType": job_type(DBT, "JOB")}), ([], []))

    def _node(self, name: str, kind: str, path: str) -> tuple[Ref, Facets, Facets]:
        """Return reference, run facets and job facets of a node."""
        ref = Ref(NAMESPACE, name, self.world.run_id("dbt", self.ref.run_id, name))
        about = facet(
            "dbt_node", DBT, unique_id=name, original_file_path=path, database="ANALYTICS", alias=name.split(".")[2]
        )
        job: Facets = {"jobType": job_type(DBT, kind), "dbt_node": about}
        return ref, {"parent": parent(DBT, self.ref, self.launch[1]), **self._common}, job

    def _span(self, layer: int, layers: int, position: float) -> tuple[datetime, datetime]:
        """Return the time of a node: layers follow each other, nodes of one layer overlap."""
        slot = (self.end - self.begin) * 0.94 / layers
        begin = self.begin + slot * (layer + 0.05 + 0.4 * position)
        return begin, begin + slot * (0.35 + 0.15 * (position * 7 % 1))

    def _nodes(self, models: tuple[Model, ...]) -> Iterator[Event]:
        """Yield the events of models; what stands behind a broken model is skipped without an event."""
        dead: set[str] = set()
        layers = sorted({one.layer for one in models})
        for position, model in enumerate(models):
            if dead & set(model.step.reads.values()):
                dead.add(model.step.writes)
                continue
            failed = model.step.name == BROKEN_MODEL and self.day >= 0
            span = self._span(layers.index(model.layer), len(layers), position / len(models))
            yield from self._model(model, span, failed)
            if failed:
                dead.add(model.step.writes)

    def _model(self, model: Model, span: tuple[datetime, datetime], failed: bool) -> Iterator[Event]:
        step = model.step
        run = self._node(f"{model.kind}.{PROJECT}.{step.name}", model.kind.upper(), model.path)
        text = sql(step, self.world, span[1], "dbt") if step.reads else ""
        if model.materialized == "view":
            text = text.replace("transient table", "view")
        if text:
            run[2]["sql"] = facet("sql", DBT, query=text, dialect="snowflake")
        yield run_event("START", span[0], DBT, run, self.describer.bare_io(step))
        if failed:
            told = run[1] | {"errorMessage": error(DBT, DBT_ERROR, language="sql")}
            yield from self._statement(run, text, span)
            yield run_event("FAIL", span[1], DBT, (run[0], told, run[2]), self.describer.bare_io(step))
            return
        yield run_event("COMPLETE", span[1], DBT, run, self.describer.io(step, span[1], DBT))

    def _statement(
        self, node: tuple[Ref, Facets, Facets], text: str, span: tuple[datetime, datetime]
    ) -> Iterator[Event]:
        """Yield the failing statement of a node, with its stack trace."""
        ref = Ref(NAMESPACE, f"{node[0].name}.sql.1", self.world.run_id("dbt", node[0].run_id, "sql.1"))
        facets = {"parent": parent(DBT, node[0], self.launch[1]), **self._common}
        job: Facets = {"jobType": job_type(DBT, "SQL"), "sql": facet("sql", DBT, query=text, dialect="snowflake")}
        yield run_event("START", span[0] + timedelta(seconds=1), DBT, (ref, facets, job), ([], []))
        told = facets | {"errorMessage": error(DBT, DBT_ERROR, DBT_TRACE, "sql")}
        yield run_event("FAIL", span[1] - timedelta(seconds=1), DBT, (ref, told, job), ([], []))

    def _tests(self) -> Iterator[Event]:
        """Yield start and end of every data test."""
        for position, check in enumerate(TESTS):
            span = self._span(0, 1, position / len(TESTS))
            name = f"{check.assertion}_{check.dataset.partition('.')[2]}_{check.column}"
            mark = md5(name.encode(), usedforsecurity=False).hexdigest()[:10]
            run = self._node(f"test.{PROJECT}.{name}.{mark}", "TEST", "models/schema.yml")
            yield run_event("START", span[0], DBT, run, ([self.describer.bare(check.dataset)], []))
            yield self._result(check, run, span[1], name)

    def _result(self, check: Check, run: tuple[Ref, Facets, Facets], moment: datetime, name: str) -> Event:
        actual = broken(check, self.day)
        facets = self.describer.facets(check.dataset, moment, DBT) | {
            "dataQualityAssertions": facet("dataQualityAssertions", DBT, assertions=[assertion(check, actual, name)])
        }
        one = dataset(check.dataset)
        inputs: list[Facets] = [{"namespace": one.namespace, "name": one.name, "facets": facets}]
        if actual and check.severity == "error":
            run[1]["errorMessage"] = error(DBT, f"Got {actual} results, configured to fail if != 0", language="sql")
            return run_event("FAIL", moment, DBT, run, (inputs, []))
        return run_event("COMPLETE", moment, DBT, run, (inputs, []))


def assertion(check: Check, actual: str, name: str) -> Facets:
    """Return one assertion as a facet lists it; ``actual`` is empty when it holds."""
    body: Facets = {"assertion": check.assertion, "success": not actual, "severity": check.severity, "name": name}
    if check.column:
        body["column"] = check.column
    return body | {"expected": check.expected, "actual": actual or check.expected, "params": {}}
