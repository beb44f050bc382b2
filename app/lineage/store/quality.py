"""Assertions and metrics reported about datasets."""

from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.bulk import allocate, insert_rows, select_in, update_rows
from app.driver import bound, execute
from app.lineage.models import Assertion, AssertionResult, Metric
from app.lineage.openlineage import extract
from app.lineage.openlineage.parse import Event, name_digest
from app.lineage.store.names import Names

NEWER = "excluded.at >= {table}.at"


class Quality:
    """Folds assertions and metrics of a batch; ``failed`` lists datasets whose assertions failed in it."""

    def __init__(self, session: Session, realm_id: int, names: Names) -> None:
        self.connection = bound(session)
        self.realm_id = realm_id
        self.names = names
        self.failed: set[int] = set()
        self.results: dict[tuple[tuple[int, bytes], int], tuple[extract.Check, Event]] = {}
        self.metrics: dict[tuple[int, int], tuple[dict[str, Any], Event]] = {}

    def fold(self, events: list[Event], runs: dict[int, int]) -> None:
        """Write the newest result per assertion and run, metrics per run, and the health of the datasets."""
        for event in events:
            run = runs.get(event.arrival, 0)
            for ref in event.datasets:
                dataset = self.names.datasets[ref.name].id
                for check in extract.checks(ref):
                    digest = name_digest(check.name, check.column or "\0", check.params or "")
                    self._newest(self.results, ((dataset, digest), run), check, event)
                measured = extract.metrics(ref)
                if measured is not None and measured.get("_deleted") is not True:
                    self._newest(self.metrics, (dataset, run), measured, event)
        if self.results:
            self._save_results(self._assertions())
        self._save_metrics()

    @staticmethod
    def _newest(into: dict[Any, tuple[Any, Event]], key: Any, value: Any, event: Event) -> None:
        known = into.get(key)
        if known is None or event.us >= known[1].us:
            into[key] = (value, event)

    def _assertions(self) -> dict[tuple[int, bytes], int]:
        checks = {key: check for (key, _), (check, _event) in self.results.items()}
        datasets = {key[0] for key in checks}
        columns = (Assertion.id, Assertion.dataset_id, Assertion.digest)
        found = {
            (row.dataset_id, row.digest): row.id
            for row in select_in(self.connection, columns, self.realm_id, Assertion.dataset_id, datasets)
        }
        new = [key for key in checks if key not in found]
        connection, rows = self.connection, []
        for id_, key in zip(allocate(connection, Assertion.__table__, len(new)), new, strict=True):
            found[key] = id_
            check = checks[key]
            rows.append(
                {
                    "id": id_,
                    "realm_id": self.realm_id,
                    "dataset_id": key[0],
                    "digest": key[1],
                    "column": check.column,
                    "name": check.name,
                    "params": check.params,
                    "severity": check.severity,
                }
            )
        insert_rows(connection, Assertion.__table__, rows)
        return found

    def _save_results(self, ids: dict[tuple[int, bytes], int]) -> None:
        rows = [
            {
                "realm_id": self.realm_id,
                "assertion_id": ids[key],
                "run": run,
                "success": check.success,
                "severity": check.severity,
                "expected": check.expected,
                "actual": check.actual,
                "at": event.time,
                "event": event.arrival,
            }
            for (key, run), (check, event) in sorted(
                self.results.items(), key=lambda item: (ids[item[0][0]], item[0][1])
            )
        ]
        connection = self.connection
        insert_rows(
            connection,
            AssertionResult.__table__,
            rows,
            conflict=("realm_id", "assertion_id", "run"),
            update=_newer("success", "severity", "expected", "actual", "event", "at"),
        )
        self._health({key[0] for key in ids})

    def _health(self, datasets: set[int]) -> None:
        result = AssertionResult
        newest = (
            select(result.assertion_id, result.success, result.severity, _rank(result).label("place"))
            .join(Assertion, Assertion.id == result.assertion_id)
            .where(result.realm_id == self.realm_id, Assertion.realm_id == self.realm_id)
            .where(Assertion.dataset_id.in_(datasets))
            .subquery()
        )
        query = (
            select(Assertion.id, Assertion.dataset_id, Assertion.severity, newest.c.severity, newest.c.success)
            .join(newest, newest.c.assertion_id == Assertion.id)
            .where(Assertion.realm_id == self.realm_id, newest.c.place == 1)
        )
        health = dict.fromkeys(datasets, "ok")
        changed = []
        for id_, dataset, before, severity, success in execute(self.connection, query):
            if severity != before:
                changed.append({"id": id_, "realm_id": self.realm_id, "severity": severity})
            if not success and health[dataset] != "error":
                health[dataset] = "warn" if severity == "warn" else "error"
        update_rows(self.connection, Assertion.__table__, changed, key="id")
        for entity in self.names.datasets.values():
            if entity.id in health:
                if entity.columns["quality"] != health[entity.id] == "error":
                    self.failed.add(entity.id)
                entity.put(quality=health[entity.id])

    def _save_metrics(self) -> None:
        rows = [
            {
                "realm_id": self.realm_id,
                "dataset_id": dataset,
                "run": run,
                "at": event.time,
                "event": event.arrival,
                "row_count": extract.count(body.get("rowCount")),
                "bytes": extract.count(body.get("bytes")),
                "columns": msgspec.json.encode(_columns(body)).decode(),
            }
            for (dataset, run), (body, event) in sorted(self.metrics.items())
        ]
        connection = self.connection
        update = _newer("row_count", "bytes", "columns", "event", "at")
        insert_rows(connection, Metric.__table__, rows, conflict=("realm_id", "dataset_id", "run"), update=update)


def _newer(*columns: str) -> str:
    return ", ".join(
        f'"{name}" = CASE WHEN {NEWER} THEN excluded."{name}" ELSE {{table}}."{name}" END' for name in columns
    )


def _rank(result: Any) -> Any:
    return func.row_number().over(partition_by=result.assertion_id, order_by=(result.at.desc(), result.event.desc()))


def _columns(body: dict[str, Any]) -> dict[str, Any]:
    columns = body.get("columnMetrics")
    return {name: item for name, item in columns.items() if isinstance(item, dict)} if isinstance(columns, dict) else {}
