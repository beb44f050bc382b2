"""Two runs beside each other: what lineage knows of data, schemas and SQL."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from app.jobs.difference import Diff, Row, diff, numbered
from app.jobs.reads.compare import Compared
from app.jobs.reads.runs import Opened, numbers_below
from app.lineage.conditions import words
from app.lineage.models import Dataset
from app.lineage.queries import operations as queries
from app.lineage.schema_fields import Field, compare, flatten
from app.web.kinds import url_of

MOST = 5_000
MOST_OPERATIONS = 1_000
WAYS = {"input": "read", "output": "written"}
SAID = {"type": "type", "description": "description", "moved": "place", "renamed": "renamed, a guess"}
Key = tuple[int, str]


@dataclass(slots=True)
class Touch:
    """A dataset as one run read or wrote it, summed over its operations."""

    dataset: Dataset
    types: set[str] = field(default_factory=set)
    counts: dict[str, int | None] = field(default_factory=dict)
    conditions: set[str] = field(default_factory=set)
    fields: list[Field] | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL text of both runs, and how it changed."""

    name: str
    before: str | None
    after: str | None

    @property
    def diff(self) -> Diff:
        """Return the difference by lines; a text that only one run has is wholly added or removed."""
        return diff(self.before or "", self.after or "")


def touched(session: Session, compared: Compared) -> tuple[dict[Key, Touch], dict[Key, Touch]]:
    """Return what both runs and those below them read and wrote, by dataset and direction; read once."""
    if "touched" not in compared.kept:
        compared.kept["touched"] = [_touched(session, side) for side in compared.sides]
    before, after = compared.kept["touched"]
    return before, after


def _touched(session: Session, side: Opened) -> dict[Key, Touch]:
    found: dict[Key, Touch] = {}
    for interaction, dataset, schema in session.execute(queries.io(numbers_below(session, side.run.number), MOST)):
        one = found.setdefault((dataset.id, interaction.direction), Touch(dataset))
        one.types.update(interaction.types.split(","))
        for name in ("rows", "bytes", "files"):
            value = getattr(interaction, f"num_{name}")
            if value is not None:
                one.counts[name] = (one.counts.get(name) or 0) + value
        if said := words(interaction.condition):
            one.conditions.add(said)
        if schema is not None:
            one.fields = list(flatten(json.loads(schema.fields)))
    return found


def io(before: dict[Key, Touch], after: dict[Key, Touch]) -> list[Row]:
    """Return datasets that only one run touched, and how, rows, bytes, files and condition of the others."""
    found = []
    for key in _keys(before, after):
        old, new = before.get(key), after.get(key)
        row: Callable[..., Row] = partial(Row, _name(key, before, after), url=url_of("dataset", str(key[0])))
        found.append(row(old and _how(old), new and _how(new), WAYS[key[1]]))
        if old is not None and new is not None:
            found += _numbers(row, WAYS[key[1]], old, new)
    return found


def _numbers(row: Callable[..., Row], way: str, old: Touch, new: Touch) -> list[Row]:
    found = []
    for unit in ("rows", "bytes", "files"):
        pair = old.counts.get(unit), new.counts.get(unit)
        if pair != (None, None):
            found.append(row(*pair, f"{unit} {way}", "bytes" if unit == "bytes" else "count"))
    if old.conditions or new.conditions:
        told = [", ".join(sorted(one.conditions)) or None for one in (old, new)]
        found.append(row(*told, f"condition {way}"))
    return found


def _how(touch: Touch) -> str:
    return ", ".join(sorted(each.lower() for each in touch.types))


def _keys(before: dict[Key, Touch], after: dict[Key, Touch]) -> Iterable[Key]:
    """Return keys of both, outputs first, then by name."""
    names = {key: _name(key, before, after) for key in (*before, *after)}
    return sorted(names, key=lambda key: (key[1] == "input", names[key], key[0]))


def _name(key: Key, before: dict[Key, Touch], after: dict[Key, Touch]) -> str:
    return (after.get(key) or before[key]).dataset.name


def schemas(before: dict[Key, Touch], after: dict[Key, Touch]) -> list[Row]:
    """Return the columns that differ in datasets both runs told the schema of; equal schemas are one row each."""
    found, seen = [], set()
    for key in _keys(before, after):
        old, new = before.get(key), after.get(key)
        if old is None or new is None or old.fields is None or new.fields is None:
            continue
        said = tuple((one.path, one.type, one.description) for one in (*old.fields, *new.fields))
        if (key[0], said) in seen:
            continue
        seen.add((key[0], said))
        found += _columns(new.dataset, old.fields, new.fields)
    return found


def _columns(dataset: Dataset, old: list[Field], new: list[Field]) -> list[Row]:
    differences = compare(old, new)
    if not differences:
        words = f"{len(new)} columns"
        return [Row(dataset.name, words, words, "schema")]
    found = []
    for one in differences:
        before, after = one.before, one.after
        if one.change == "added":
            after = one.after or "column"
        elif one.change == "removed":
            before = one.before or "column"
        aspect = f"in {dataset.name}" + (f", {SAID[one.change]}" if one.change in SAID else "")
        found.append(Row(one.path, before, after, aspect, is_equal=False))
    return found


def statements(session: Session, compared: Compared) -> list[Statement]:
    """Return the SQL texts of both runs by the name of their operation."""
    before, after = (_statements(session, side) for side in compared.sides)
    return [Statement(name, before.get(name), after.get(name)) for name in dict.fromkeys((*before, *after))]


def _statements(session: Session, side: Opened) -> dict[str, str]:
    rows: list[tuple[str, str]] = []
    for operation, run, job in session.execute(queries.of_run(side.run.number, MOST_OPERATIONS)):
        if operation.sql:
            own = run.number == side.run.number
            rows.append((job.name if own else operation.name, operation.sql))
    query: Any = side.facets.get("job:sql", {}).get("query")
    if not rows and isinstance(query, str) and query:
        rows.append((side.job.name, query))
    return dict(zip(numbered(name for name, _ in rows), (text for _, text in rows), strict=True))
