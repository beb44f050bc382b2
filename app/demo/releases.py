"""What the teams put live as the story goes on: commits, statements, a new Spark. Days count to the incident."""

from __future__ import annotations

from dataclasses import replace

from app.demo.facets import ENGINES, SPARK, facet
from app.demo.model import Facets, SparkApp, Step

COMMITS = ((-10_000, "3be90c1"), (-24, "91d2aa7"), (-11, "5f0c3de"), (-2, "7c1e4f2"))
SPARK_BEFORE = ("3.4.2", "1.33.0")
SPARK_UPGRADED = -12
# What stood in a statement before it was put right, up to a day; the columns it looks at are the same.
FORMERLY = {
    "staging.orders": ((-24, "o.updated_at >= current_date()"), (-11, "o.updated_at >= date_sub(current_date(), 1)")),
    "staging.clickstream": ((-8, "c.page <> '/health'"),),
    "staging.stock": ((-11, "s.on_hand > 0"),),
}
EXECUTORS = {"sessionize_clickstream": (-8, "4"), "stage_shop_tables": (-11, "4")}


def commit(day: int) -> str:
    """Return the commit of the pipelines that was live on a day."""
    return [name for since, name in COMMITS if since <= day][-1]


def spark_engine(day: int) -> Facets:
    """Return the processing_engine facet of Spark on a day."""
    name, *now = ENGINES[SPARK]
    version, adapter = now if day >= SPARK_UPGRADED else SPARK_BEFORE
    return facet("processing_engine", SPARK, name=name, version=version, openlineageAdapterVersion=adapter)


def properties(app: SparkApp, day: int) -> dict[str, str]:
    """Return the properties an application was started with on a day."""
    until, executors = EXECUTORS.get(app.name, (-10_000, ""))
    return {**app.properties, "spark.executor.instances": executors} if day < until else dict(app.properties)


def as_of(step: Step, day: int) -> Step:
    """Return a step as it was written on a day."""
    former = next((where for until, where in FORMERLY.get(step.writes, ()) if day < until), None)
    return step if former is None else replace(step, where=former)
