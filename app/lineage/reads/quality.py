"""Checks of a dataset: newest results first failing, their history, and measured columns."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from app.lineage.models import Assertion, AssertionResult, Metric
from app.lineage.queries import shape as queries


@dataclass(frozen=True, slots=True)
class Check:
    """An assertion with its newest result and up to 30 results, oldest first."""

    assertion: Assertion
    newest: AssertionResult | None
    history: list[AssertionResult]

    @property
    def word(self) -> str:
        """Return ok, warn, error or unknown."""
        if self.newest is None:
            return "unknown"
        if self.newest.success:
            return "ok"
        return "warn" if self.assertion.severity == "warn" else "error"


@dataclass(frozen=True, slots=True)
class Health:
    """The quality tab: checks, failing first, and measurements, newest first."""

    checks: list[Check]
    metrics: list[Metric]
    profile: list[tuple[str, dict[str, Any]]]

    def number(self, word: str) -> int:
        """Return how many checks are in a state."""
        return sum(check.word == word for check in self.checks)


ORDER = {"error": 0, "warn": 1, "unknown": 2, "ok": 3}


def health(session: Session, ids: Sequence[int]) -> Health:
    """Return the checks and measurements of these datasets; three statements."""
    metrics = list(session.scalars(queries.metrics(ids)))
    return Health(checked(session, ids), metrics, _profile(metrics))


def checked(session: Session, ids: Sequence[int]) -> list[Check]:
    """Return the checks of these datasets, failing first; two statements."""
    assertions = list(session.scalars(queries.assertions(ids)))
    results: dict[int, list[AssertionResult]] = defaultdict(list)
    if assertions:
        for result in session.scalars(queries.results([assertion.id for assertion in assertions])):
            results[result.assertion_id].append(result)
    checks = [
        Check(assertion, next(iter(results[assertion.id]), None), results[assertion.id][::-1])
        for assertion in assertions
    ]
    checks.sort(key=lambda check: (ORDER[check.word], check.assertion.column or "", check.assertion.name))
    return checks


def _profile(metrics: list[Metric]) -> list[tuple[str, dict[str, Any]]]:
    if not metrics:
        return []
    columns: dict[str, dict[str, Any]] = msgspec.json.decode(metrics[0].columns)
    return sorted(columns.items())
