"""DAG runs and tasks as the Airflow provider reports them, with retries, mapped tasks and what the tasks start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from urllib.parse import quote

from app.demo.checks import checked
from app.demo.dbt import DbtRun
from app.demo.described import Describer
from app.demo.facets import AIRFLOW, engine, error, facet, job_type, nominal, parent, run_event
from app.demo.incidents import TRIES, Failure, failures
from app.demo.model import Dag, Event, Facets, Ref, Step, Task
from app.demo.releases import commit
from app.demo.spark import SparkRun
from app.demo.statements import sql

NAMESPACE = "airflow-prod"
UI = "https://airflow.greenbasket.example"
Io = tuple[list[Facets], list[Facets]]
RETRY_MINUTES = 5
MANUAL = "manual"
UNPARSED: Facets = {
    "totalTasks": 3,
    "failedTasks": 1,
    "errors": [
        {
            "task": "call ops.vacuum_watermarks(:keep_days)",
            "taskNumber": 2,
            "errorMessage": "Expected SELECT, INSERT, UPDATE or DELETE, found: call at Line: 1, Column 1",
        }
    ],
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one task instance; ``index`` is the map index, -1 if the task is not mapped."""

    task: Task
    index: int
    number: int
    span: tuple[datetime, datetime]
    failure: Failure | None

    @property
    def step(self) -> Step | None:
        """Return the statement this attempt runs, if it runs one itself."""
        return self.task.steps[max(0, self.index)] if self.task.steps else None

    @property
    def seconds(self) -> float:
        """Return how long the attempt took."""
        return round((self.span[1] - self.span[0]).total_seconds(), 3)


@dataclass(slots=True)
class DagRun:
    """One run of a DAG; ``events`` tells it from start to end. ``slow`` stretches every task."""

    describer: Describer
    dag: Dag
    at: datetime
    kind: str = "scheduled"
    slow: float = 1.0
    ends: dict[str, datetime | None] = field(default_factory=dict)

    @property
    def external_id(self) -> str:
        """Return the DAG run id Airflow shows."""
        return f"{self.kind}__{self.at.isoformat()}"

    @property
    def ref(self) -> Ref:
        """Return the run as its tasks name it."""
        return Ref(NAMESPACE, self.dag.id, self.describer.world.run_id("dag", self.dag.id, self.at))

    @property
    def _dice(self) -> Random:
        return self.describer.world.rng("dag", self.dag.id, self.at)

    def events(self) -> Iterator[Event]:
        """Yield the start of the DAG run, everything in it, and its end."""
        begin = self.at + timedelta(seconds=self._dice.uniform(2, 9))
        yield self._dag_event("START", begin)
        latest = begin
        for task in self.dag.tasks:
            if any(self.ends[name] is None for name in task.after):
                self.ends[task.id] = None
                continue
            ready = max([begin, *(end for name in task.after if (end := self.ends[name]))])
            yield from self._task(task, ready)
            latest = max(latest, self.ends[task.id] or ready + timedelta(minutes=RETRY_MINUTES + 2 * task.minutes))
        failed = None in self.ends.values()
        yield self._dag_event("FAIL" if failed else "COMPLETE", latest + timedelta(seconds=6))

    def _task(self, task: Task, ready: datetime) -> Iterator[Event]:
        """Yield all instances of a task and note when it ended; None if one failed for good."""
        dice = self.describer.world.rng("task", self.dag.id, self.at, task.id)
        indexes = range(len(task.steps)) if task.work == "mapped" else (-1,)
        ends: list[datetime | None] = []
        for index in indexes:
            begin = ready + timedelta(seconds=dice.uniform(3, 25))
            attempts = self._attempts(task, index, begin, dice)
            for attempt in attempts:
                yield from self._attempt(attempt)
            ends.append(attempts[-1].span[1] if attempts[-1].failure is None else None)
        good = [end for end in ends if end]
        self.ends[task.id] = max(good) if len(good) == len(ends) else None

    def _attempts(self, task: Task, index: int, begin: datetime, dice: Random) -> list[Attempt]:
        """Return the attempts of one task instance, the failed ones first."""
        name = task.steps[index].name if index >= 0 else ""
        planned = failures(self.describer.world, self.dag.id, task.id, name, begin) if self.kind != MANUAL else ()
        found = []
        for number in range(1, TRIES + 1):
            failure = planned[number - 1] if number <= len(planned) else None
            minutes = task.minutes * self.slow * dice.lognormvariate(0, 0.16) * (0.7 if failure else 1)
            span = (begin, begin + timedelta(minutes=minutes))
            found.append(Attempt(task, index, number, span, failure))
            if failure is None:
                break
            begin = span[1] + timedelta(minutes=RETRY_MINUTES)
        return found

    def _attempt(self, attempt: Attempt) -> Iterator[Event]:
        """Yield one attempt: start, what it starts elsewhere, end. Empty operators send nothing."""
        if attempt.task.operator.endswith("EmptyOperator"):
            return
        job = f"{self.dag.id}.{attempt.task.id}"
        ref = Ref(NAMESPACE, job, self.describer.world.run_id("task", job, self.at, attempt.index, attempt.number))
        begin, end = attempt.span
        run = (ref, self._run_facets(attempt, ended=False), self._job_facets("TASK", attempt))
        yield run_event("START", begin, AIRFLOW, run, self._bare_io(attempt))
        inner = (begin + timedelta(seconds=8), end - timedelta(seconds=5))
        if attempt.task.spark:
            yield from SparkRun(self.describer, attempt.task.spark, (ref, self.ref), inner).events(attempt.failure)
        elif attempt.task.work == "dbt":
            yield from DbtRun(self.describer, attempt.task.command, (ref, self.ref), inner).events()
        run = (ref, self._run_facets(attempt, ended=True), run[2])
        state = "FAIL" if attempt.failure else "COMPLETE"
        yield run_event(state, end, AIRFLOW, run, self._end_io(attempt))

    def _bare_io(self, attempt: Attempt) -> Io:
        return self.describer.bare_io(attempt.step) if attempt.step else ([], [])

    def _end_io(self, attempt: Attempt) -> Io:
        """Return results of checks in any case, numbers of a statement only if it went well."""
        if attempt.task.checks:
            return checked(self.describer, attempt.task.checks, attempt.span[1]), []
        if not attempt.step or attempt.failure:
            return self._bare_io(attempt)
        runs_a_day = len(self.dag.hours) if self.dag.id == "ingest_shop_db" else 1
        return self.describer.io(attempt.step, attempt.span[1], AIRFLOW, 1 / runs_a_day)

    def _dag_event(self, state: str, moment: datetime) -> Event:
        facets: Facets = {"airflowDagRun": facet("airflowDagRun", AIRFLOW, dag=self._dag(), dagRun=self._dag_run())}
        facets |= {"nominalTime": self._nominal(), "processing_engine": engine(AIRFLOW)}
        if state != "START":
            states = {task.id: "success" if self.ends[task.id] else "failed" for task in self.dag.tasks}
            outcome = "failed" if state == "FAIL" else "success"
            facets["airflowState"] = facet("airflowState", AIRFLOW, dagRunState=outcome, tasksState=states)
        if state == "FAIL":
            facets["errorMessage"] = error(AIRFLOW, "task_failure")
        return run_event(state, moment, AIRFLOW, (self.ref, facets, self._job_facets("DAG")), ([], []))

    def _nominal(self) -> Facets:
        return nominal(AIRFLOW, self.at, 24 / max(1, len(self.dag.hours)))

    def _dag(self) -> Facets:
        return {
            "dag_id": self.dag.id,
            "description": self.dag.title,
            "fileloc": f"/opt/airflow/dags/{self.dag.owner}/{self.dag.id}.py",
            "owner": self.dag.owner,
            "owner_links": {self.dag.owner: f"https://wiki.greenbasket.example/teams/{self.dag.owner}"},
            "start_date": "2025-03-01T00:00:00+00:00",
            "tags": str(list(self.dag.tags)),
            "timetable": {},
        }

    def _dag_run(self) -> Facets:
        return {
            "conf": {},
            "dag_id": self.dag.id,
            "run_id": self.external_id,
            "run_type": self.kind,
            "external_trigger": self.kind == MANUAL,
            "logical_date": self.at.isoformat(),
            "data_interval_start": self.at.isoformat(),
        }

    def _run_facets(self, attempt: Attempt, *, ended: bool) -> Facets:
        """Return the run facets of a task; duration and error only at its end."""
        ui = f"{UI}/dags/{self.dag.id}/grid?dag_run_id={quote(self.external_id)}&task_id={attempt.task.id}&tab=logs"
        instance: Facets = {"try_number": attempt.number, "log_url": ui, "pool": "default_pool"}
        if attempt.index >= 0:
            instance["map_index"] = attempt.index
        if ended:
            instance["duration"] = attempt.seconds
        body = {
            "dag": self._dag(),
            "dagRun": self._dag_run(),
            "task": self._task_body(attempt.task),
            "taskInstance": instance,
        }
        facets: Facets = {
            "airflow": facet("airflow", AIRFLOW, **body),
            "nominalTime": self._nominal(),
            "parent": parent(AIRFLOW, self.ref),
            "processing_engine": engine(AIRFLOW),
        }
        if attempt.task.operator.endswith("SnowflakeSqlApiOperator") and ended:
            query = self.describer.world.run_id("query", self.at, attempt.task.id, attempt.number)
            facets["externalQuery"] = facet("externalQuery", AIRFLOW, externalQueryId=query, source="snowflake")
        if ended and attempt.task.id == "update_watermark" and self.at.weekday() == 0:
            facets["extractionError"] = facet("extractionError", AIRFLOW, **UNPARSED)
        if ended and attempt.failure:
            facets["errorMessage"] = error(AIRFLOW, attempt.failure.message, attempt.failure.trace)
        return facets

    def _task_body(self, task: Task) -> Facets:
        path = task.operator.rpartition(".")
        return {
            "task_id": task.id,
            "operator_class": path[2],
            "operator_class_path": task.operator,
            "mapped": task.work == "mapped",
            "owner": self.dag.owner,
            "retries": TRIES - 1,
            "queue": "default",
            "trigger_rule": "all_success",
            "upstream_task_ids": str(list(task.after)),
            "downstream_task_ids": str([one.id for one in self.dag.tasks if task.id in one.after]),
        }

    def _job_facets(self, kind: str, attempt: Attempt | None = None) -> Facets:
        """Return what the provider says about a DAG or a task as a job."""
        facets: Facets = {
            "jobType": job_type(AIRFLOW, kind),
            "documentation": facet("job.documentation", AIRFLOW, description=self.dag.doc, contentType="text/markdown"),
            "ownership": facet("job.ownership", AIRFLOW, owners=[{"name": self.dag.owner}]),
            "tags": facet(
                "job.tags", AIRFLOW, tags=[{"key": tag, "value": tag, "source": "AIRFLOW"} for tag in self.dag.tags]
            ),
        }
        if attempt is None:
            tasks = {task.id: self._tree(task) for task in self.dag.tasks}
            facets["airflow"] = facet("airflow", AIRFLOW, taskGroups={}, taskTree={}, tasks=tasks)
            facets["sourceCodeLocation"] = self._source()
        elif attempt.step and "sql" in attempt.task.operator.lower():
            text = sql(attempt.step, self.describer.world, attempt.span[1], "airflow")
            facets["sql"] = facet(
                "sql", AIRFLOW, query=text, dialect="snowflake" if "snowflake" in attempt.task.operator else "postgres"
            )
        return facets

    def _tree(self, task: Task) -> Facets:
        below = [one.id for one in self.dag.tasks if task.id in one.after]
        emits = not task.operator.endswith("EmptyOperator")
        return {
            "operator": task.operator,
            "task_group": task.group or None,
            "emits_ol_events": emits,
            "downstream_task_ids": below,
            "ui_label": task.id,
        }

    def _source(self) -> Facets:
        path = f"dags/{self.dag.owner}/{self.dag.id}.py"
        version = commit(self.describer.world.day(self.at))
        return facet(
            "sourceCodeLocation",
            AIRFLOW,
            type="git",
            url=f"https://git.greenbasket.example/data/pipelines/blob/{version}/{path}",
            repoUrl="https://git.greenbasket.example/data/pipelines.git",
            path=path,
            version=version,
            branch="main",
        )
