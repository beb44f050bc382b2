"""Results of column checks that Airflow's SQL operators send: assertions and metrics of their input."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from app.demo.described import Describer
from app.demo.facets import AIRFLOW, facet
from app.demo.incidents import broken
from app.demo.model import Check, Facets


def checked(describer: Describer, checks: tuple[Check, ...], moment: datetime) -> list[Facets]:
    """Return the datasets of the checks, each with its assertions and metrics."""
    return [_dataset(describer, key, list(group), moment) for key, group in groupby(checks, lambda one: one.dataset)]


def _dataset(describer: Describer, key: str, checks: list[Check], moment: datetime) -> Facets:
    day = describer.world.day(moment)
    results = [_assertion(check, broken(check, day)) for check in checks]
    one = describer.bare(key) | {"facets": describer.facets(key, moment, AIRFLOW)}
    one["inputFacets"] = {
        "dataQualityAssertions": facet("dataQualityAssertions", AIRFLOW, assertions=results),
        "dataQualityMetrics": _metrics(describer, key, checks, moment),
    }
    return one


def _assertion(check: Check, actual: str) -> Facets:
    body: Facets = {"assertion": check.assertion, "success": not actual, "severity": check.severity}
    if check.column:
        body["column"] = check.column
    return body | {"expected": check.expected, "actual": actual or check.expected}


def _metrics(describer: Describer, key: str, checks: list[Check], moment: datetime) -> Facets:
    """Return row count, size, and a profile of every checked column."""
    world = describer.world
    rows = world.rows(key, moment)
    dice = world.rng("profile", key, world.day(moment))
    columns: dict[str, Facets] = {}
    for check in checks:
        if check.column:
            nulls = int(broken(check, world.day(moment)) or 0)
            distinct = round(rows * dice.uniform(0.96, 0.99))
            columns[check.column] = {"nullCount": nulls, "distinctCount": distinct, "min": 1, "max": 90_000_000 + rows}
    return facet("dataQualityMetrics", AIRFLOW, rowCount=rows, bytes=world.bytes(key, moment), columnMetrics=columns)
