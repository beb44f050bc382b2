"""Plans as values: read once, kept in memory, because a configuration never changes."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

from sqlalchemy.orm import Session

from app.jobs.models import JobConfiguration
from app.jobs.progress.plan import Plan, PlannedStep, PlannedValue
from app.jobs.queries import plans as queries

KEPT: Final = 500


@dataclass(frozen=True, slots=True)
class Known:
    """The plan of a configuration, the id of each step by tag, and those of (step, name of a value)."""

    plan: Plan
    step_ids: dict[str, int]
    value_ids: dict[tuple[str, str], int]

    def step(self, tag: str) -> PlannedStep | None:
        """Return the step of a tag."""
        return next((step for step in self.plan.steps if step.tag == tag), None)


_known: OrderedDict[tuple[object, ...], Known] = OrderedDict()
_lock = Lock()


def known(session: Session, configuration: JobConfiguration) -> Known:
    """Return the plan of a configuration; one statement the first time."""
    return known_all(session, [configuration])[configuration.id]


def known_all(session: Session, configurations: Sequence[JobConfiguration]) -> dict[int, Known]:
    """Return plans by the ids of their configurations; one statement for those not in memory."""
    found: dict[int, Known] = {}
    with _lock:
        for row in configurations:
            if (kept := _known.get(_key(row))) is not None:
                _known.move_to_end(_key(row))
                found[row.id] = kept
    missing = [row for row in configurations if row.id not in found]
    if missing:
        read = _read(session, missing)
        found |= read
        with _lock:
            _known.update({_key(row): read[row.id] for row in missing})
            while len(_known) > KEPT:
                _known.popitem(last=False)
    return found


def _key(row: JobConfiguration) -> tuple[object, ...]:
    # Ids are used again where a transaction was rolled back, or by another database of the same process.
    return row.realm_id, row.id, row.content, row.digest, row.created_at


def _read(session: Session, rows: Iterable[JobConfiguration]) -> dict[int, Known]:
    names = {row.id: row.name for row in rows}
    steps: dict[int, dict[str, PlannedStep]] = {one: {} for one in names}
    values: dict[tuple[int, str], list[PlannedValue]] = {}
    step_ids: dict[int, dict[str, int]] = {one: {} for one in names}
    value_ids: dict[int, dict[tuple[str, str], int]] = {one: {} for one in names}
    for step, value in session.execute(queries.steps(list(names))):
        home = step.job_configuration_id
        step_ids[home][step.tag] = step.id
        steps[home][step.tag] = PlannedStep(step.tag, step.name, step.points, step.required)
        if value is not None:
            values.setdefault((home, step.tag), []).append(
                PlannedValue(value.name, value.kind, value.units, value.private)
            )
            value_ids[home][step.tag, value.name] = value.id
    return {
        one: Known(_plan(name, one, steps[one], values), step_ids[one], value_ids[one]) for one, name in names.items()
    }


def _plan(
    name: str, home: int, steps: dict[str, PlannedStep], values: dict[tuple[int, str], list[PlannedValue]]
) -> Plan:
    whole = (
        PlannedStep(step.tag, step.name, step.points, step.required, tuple(values.get((home, step.tag), ())))
        for step in steps.values()
    )
    return Plan(name, tuple(whole))
