"""What goes wrong in the story, when, and what the machines say about it."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime

from app.demo.model import Check
from app.demo.world import World

TRIES = 2
FLAKY_SHARE = 0.018
BROKEN_MODEL = "stg_orders"
LATE_SINCE = -3
NULL_DAYS = (-5, 0)
QUIET_DAY = -7
CHECK_MESSAGE = (
    "Test failed.\nResults:\n[('warehouse_id', 'null_check', 27)]\n"
    "The following tests have failed:\n\tCheck: null_check, "
    "Check Values: {'equal_to': 0, 'result': 27, 'success': False}"
)

TASK_TRACE = """Traceback (most recent call last):
  File "/opt/airflow/lib/python3.11/site-packages/airflow/models/taskinstance.py", line 274, in _run_raw_task
    TaskInstance._execute_task_with_callbacks(
  File "/opt/airflow/lib/python3.11/site-packages/airflow/models/taskinstance.py", line 3161, in _callbacks
    result = self._execute_task(context, task_orig)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/opt/airflow/lib/python3.11/site-packages/airflow/models/baseoperator.py", line 424, in wrapper
    return func(self, *args, **kwargs)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
DBT_ERROR = (
    "Database Error in model stg_orders (models/staging/stg_orders.sql)\n"
    "  000904 (42000): SQL compilation error: error line 7 at position 16\n"
    "  invalid identifier 'R.VOUCHER_CODE'\n"
    "  compiled code at target/run/greenbasket_analytics/models/staging/stg_orders.sql"
)
DBT_TRACE = """Traceback (most recent call last):
  File "/usr/local/lib/python3.11/site-packages/dbt/adapters/snowflake/connections.py", line 305, in exception_handler
    yield
  File "/usr/local/lib/python3.11/site-packages/dbt/adapters/sql/connections.py", line 149, in add_query
    cursor.execute(sql, bindings)
  File "/usr/local/lib/python3.11/site-packages/snowflake/connector/cursor.py", line 1132, in execute
    Error.errorhandler_wrapper(self.connection, self, ProgrammingError, errvalue)
snowflake.connector.errors.ProgrammingError: 000904 (42000): SQL compilation error: error line 7 at position 16
invalid identifier 'R.VOUCHER_CODE'
"""
SPARK_TRACE = """org.apache.spark.SparkException: Job aborted: Task 117 in stage 14.0 failed 4 times
	at org.apache.spark.scheduler.DAGScheduler.failJobAndIndependentStages(DAGScheduler.scala:2856)
	at org.apache.spark.scheduler.DAGScheduler.$anonfun$abortStage$2(DAGScheduler.scala:2792)
	at scala.collection.mutable.ResizableArray.foreach(ResizableArray.scala:62)
	at org.apache.spark.sql.execution.datasources.FileFormatWriter$.write(FileFormatWriter.scala:274)
Caused by: java.lang.OutOfMemoryError: Java heap space
	at org.apache.spark.sql.catalyst.expressions.codegen.BufferHolder.grow(BufferHolder.java:78)
"""
SPARK_MESSAGE = (
    "Job aborted due to stage failure: ExecutorLostFailure (executor 7 exited caused by one of the running tasks) "
    "Reason: Container killed by YARN for exceeding physical memory limits. 12.4 GB of 12 GB physical memory used"
)
FLAKES = (
    (
        "OperationalError",
        'connection to server at "pg-shop.greenbasket.internal" (10.20.4.11), port 5432 failed: timeout expired',
    ),
    (
        "EndpointConnectionError",
        'Could not connect to the endpoint URL: "https://greenbasket-landing.s3.eu-central-1.amazonaws.com/"',
    ),
    ("AirflowException", "Task received SIGTERM signal"),
    (
        "ReadTimeout",
        "HTTPSConnectionPool(host='greenbasket.eu-central-1.snowflakecomputing.com', port=443): Read timed out.",
    ),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one attempt failed."""

    message: str
    trace: str


def python_failure(kind: str, message: str) -> Failure:
    """Return a failure as a task of Airflow reports it."""
    return Failure(message, f"{TASK_TRACE}{kind}: {message}\n")


BASH = python_failure(
    "airflow.exceptions.AirflowException", "Bash command failed. The command returned a non-zero exit code 1."
)
UNMET = python_failure("airflow.exceptions.AirflowFailException", "The external task dbt_run in DAG dbt_daily failed.")
EXPIRED = python_failure(
    "paramiko.ssh_exception.AuthenticationException", "Authentication failed: key of sftp.northmill.example expired"
)
CENT = python_failure("ValueError", "difference of 0.01 EUR on account 1200 for the business date, refusing to close")
SINCE_TODAY = range(1000)


@dataclass(frozen=True, slots=True)
class Accident:
    """A failure the story wants, on some days counted from the incident; ``tries`` attempts fail."""

    task: str
    days: Container[int]
    failure: Failure
    tries: int = TRIES
    index: str = ""
    dags: tuple[str, ...] = ()


ACCIDENTS = (
    Accident("dbt_run", SINCE_TODAY, BASH),
    Accident("dbt_test", (-1,), BASH),
    Accident("wait_for_marts", SINCE_TODAY, UNMET, dags=("finance_close", "partner_exports")),
    Accident("export_partner", range(LATE_SINCE, 1000), EXPIRED, index="northmill"),
    Accident("check_lake", NULL_DAYS, python_failure("airflow.exceptions.AirflowException", CHECK_MESSAGE)),
    Accident("close_day", (-12,), CENT),
    Accident("build_core_tables", (-16,), Failure(SPARK_MESSAGE, SPARK_TRACE), tries=1),
)


def failures(world: World, dag: str, task: str, index: str, moment: datetime) -> tuple[Failure, ...]:
    """Return one failure per attempt that fails; as many as TRIES means the task failed for good."""
    day = world.day(moment)
    if planned := _planned(dag, task, index, day):
        return planned
    dice = world.rng("flake", dag, task, index, moment)
    if dag != "dbt_daily" and dice.random() < FLAKY_SHARE:
        return (python_failure(*dice.choice(FLAKES)),)
    return ()


def _planned(dag: str, task: str, index: str, day: int) -> tuple[Failure, ...]:
    """Return the failures the story wants."""
    for one in ACCIDENTS:
        if one.task == task and day in one.days and index == one.index and dag in (one.dags or (dag,)):
            return (one.failure,) * one.tries
    return ()


def broken(check: Check, day: int) -> str:
    """Return how many rows break a check on a day, as text; empty when it is green."""
    if check.column == "VOUCHER_CODE" and day >= -1:
        return "18231" if day == -1 else "18604"
    if check.assertion == "accepted_values" and day == -1:
        return "412"
    if check.assertion == "relationships" and day % 6 == 0:
        return "3"
    if check.assertion == "null_check" and check.dataset == "core.stock_daily" and day in NULL_DAYS:
        return "27"
    if check.assertion == "row_count" and day == QUIET_DAY:
        return "9"
    return ""
