"""What runs and jobs read and wrote, and what operations they consist of."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.jobs.models import Job, Run
from app.jobs.reads.runs import last_completed, numbers_below
from app.jobs.timing import change
from app.lineage.conditions import words
from app.lineage.models import Dataset, Operation
from app.lineage.queries import operations as queries
from app.web.filters import count, size

MOST_IO = 500
MOST_OPERATIONS = 300
MOST_EVENTS = 200
MOST_TALLIED = 1_000
Counts = tuple[int | None, int | None, int | None]


@dataclass(slots=True)
class Touched:
    """A dataset as a run read or wrote it; growth is in percent against the previous completed run of the job.

    It is that of rows, else of bytes; ``before`` says what it was then, in words.
    """

    dataset: Dataset
    direction: str
    types: set[str] = field(default_factory=set)
    rows: int | None = None
    bytes: int | None = None
    files: int | None = None
    columns: int | None = None
    schema_id: int | None = None
    conditions: list[str] = field(default_factory=list)
    operations: int = 0
    growth: float | None = None
    before: str = ""
    both_ways: bool = False


@dataclass(frozen=True, slots=True)
class RunIo:
    """Inputs and outputs of a run and of all below it; ``is_cut`` when there is more."""

    inputs: list[Touched]
    outputs: list[Touched]
    previous: Run | None
    runs: int
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Flow:
    """How many datasets an operation read and wrote, and how many rows, None where nobody counted."""

    inputs: int = 0
    outputs: int = 0
    rows_in: int | None = None
    rows_out: int | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """An operation with the run that reported it and the run that owns it, each with its job."""

    operation: Operation
    run: Run
    job: Job
    owner: Run
    owner_job: Job


@dataclass(frozen=True, slots=True)
class Used:
    """A dataset as a job used it: between which days, in how many runs, how many rows in all."""

    dataset: Dataset
    direction: str
    first: date
    last: date
    runs: int
    rows: int | None


def run_io(session: Session, run: Run) -> RunIo:
    """Return what a run and those below it read and wrote, against the previous completed run of its job."""
    numbers = numbers_below(session, run.number)
    rows = session.execute(queries.io(numbers, MOST_IO + 1)).all()
    previous = last_completed(session, run) if rows else None
    before: dict[tuple[int, str], Counts] = {}
    if previous is not None:
        sums = session.execute(queries.sums(numbers_below(session, previous.number)))
        before = {(row[0], row[1]): (row[2], row[3], row[4]) for row in sums}
    touched = _folded(rows[:MOST_IO], before)
    return RunIo(
        inputs=[each for each in touched if each.direction == "input"],
        outputs=[each for each in touched if each.direction == "output"],
        previous=previous,
        runs=len(numbers),
        is_cut=len(rows) > MOST_IO,
    )


def operation_io(session: Session, number: int) -> RunIo:
    """Return what one operation read and wrote: one statement."""
    rows = session.execute(queries.io([number], MOST_IO + 1)).all()
    touched = _folded(rows[:MOST_IO], {})
    inputs, outputs = ([each for each in touched if each.direction == way] for way in ("input", "output"))
    return RunIo(inputs, outputs, None, 1, len(rows) > MOST_IO)


def _folded(rows: Sequence[Any], before: dict[tuple[int, str], Counts]) -> list[Touched]:
    found: dict[tuple[int, str], Touched] = {}
    for interaction, dataset, schema in rows:
        key = (dataset.id, interaction.direction)
        one = found.setdefault(key, Touched(dataset, interaction.direction))
        one.types.update(interaction.types.split(","))
        one.operations += 1
        one.rows, one.bytes, one.files = (
            _plus(one.rows, interaction.num_rows),
            _plus(one.bytes, interaction.num_bytes),
            _plus(one.files, interaction.num_files),
        )
        if schema is not None:
            one.columns, one.schema_id = len(json.loads(schema.fields)), schema.id
        said = words(interaction.condition)
        if said and said not in one.conditions:
            one.conditions.append(said)
    for (dataset_id, direction), one in found.items():
        one.both_ways = (dataset_id, "output" if direction == "input" else "input") in found
        old = before.get((dataset_id, direction), (None, None, None))
        counted, bytes_ = _number(old[0]), _number(old[1])
        one.growth, one.before = change(one.rows, counted), f"{count(counted)} rows before"
        if one.growth is None and one.rows is None:
            one.growth, one.before = change(one.bytes, bytes_), f"{size(bytes_)} before"
    return list(found.values())


def _plus(first: int | None, second: int | None) -> int | None:
    return second if first is None else first if second is None else first + second


def _number(value: Any) -> int | None:
    return None if value is None else int(value)


def opened(session: Session, which: UUID) -> Opened | None:
    """Return one operation, None if the realm has none such: one statement."""
    row = session.execute(queries.operation(which)).one_or_none()
    return None if row is None else Opened(row[0], row[1], row[2], row[3], row[4])


def of_run(session: Session, number: int) -> list[tuple[Operation, Run, Job]]:
    """Return the operations a run owns, at most 300: one statement."""
    return [(row[0], row[1], row[2]) for row in session.execute(queries.of_run(number, MOST_OPERATIONS))]


def tallies(session: Session, number: int) -> dict[str, int]:
    """Return how much each tab of a run's page holds, counted to a thousand: one statement."""
    row = session.execute(queries.tallies(number, MOST_TALLIED)).one()
    return dict(zip(("operations", "sql", "events"), row, strict=True))


def flows(session: Session, numbers: Sequence[int]) -> dict[int, Flow]:
    """Return how much each operation read and wrote: one statement."""
    if not numbers:
        return {}
    ways: dict[int, dict[str, tuple[int, int | None]]] = defaultdict(dict)
    for row in session.execute(queries.rows_of(numbers)):
        ways[row[0]][row[1]] = (row[2], _number(row[3]))
    nothing = (0, None)
    return {
        number: Flow(
            inputs=way.get("input", nothing)[0],
            outputs=way.get("output", nothing)[0],
            rows_in=way.get("input", nothing)[1],
            rows_out=way.get("output", nothing)[1],
        )
        for number, way in ways.items()
    }


def with_flows(session: Session, rows: Sequence[Any]) -> list[Any]:
    """Return rows of the list with the Flow of each operation after them: one statement."""
    found = flows(session, [row[0].number for row in rows])
    return [(*row, found.get(row[0].number, Flow())) for row in rows]


def last_io(session: Session, runs: dict[int, int]) -> dict[int, tuple[int, int]]:
    """Return (inputs, outputs) by job id for the last run of each job (job id -> run number): one statement."""
    if not runs:
        return {}
    job_of = {number: job_id for job_id, number in runs.items()}
    seen: dict[int, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    for run, number, direction, dataset_id in session.execute(queries.io_of_last_runs(list(job_of))):
        for each in {run, number} & job_of.keys():
            seen[job_of[each]][direction == "output"].add(dataset_id)
    return {job_id: (len(inputs), len(outputs)) for job_id, (inputs, outputs) in seen.items()}


def used(session: Session, job_ids: Sequence[int]) -> list[Used]:
    """Return the datasets some jobs ever read or wrote, last used first, at most 500: one statement."""
    return [
        Used(row[0], row[1], row[2], row[3], int(row[4]), _number(row[5]))
        for row in session.execute(queries.job_io(job_ids, MOST_IO))
    ]


def events(session: Session, number: int) -> list[Any]:
    """Return what identifies the newest stored events of a run, at most 200: one statement."""
    return list(session.execute(queries.events(number, MOST_EVENTS)).all())
