"""The words the demo is told in: datasets, steps, jobs and references to runs."""

from __future__ import annotations

from dataclasses import dataclass, field

Event = dict[str, object]
Facets = dict[str, object]


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a dataset, as its platform writes it."""

    name: str
    type: str


def columns(text: str) -> tuple[Field, ...]:
    """Read columns from text such as ``id bigint, name text``."""
    pairs = (part.strip().partition(" ") for part in text.split(", "))
    return tuple(Field(name, kind.strip()) for name, _, kind in pairs)


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset of the company.

    ``rows`` is what a usual day brings; ``steady`` ones do not follow the week.
    ``alias`` is the second name (namespace, name) of a table that lies on files.
    """

    key: str
    namespace: str
    name: str
    fields: tuple[Field, ...]
    rows: int
    owner: str
    doc: str
    kind: str = "TABLE"
    format: str = ""
    alias: tuple[str, str] | None = None
    tags: tuple[str, ...] = ()
    steady: bool = False

    @property
    def table(self) -> str:
        """Return the name SQL uses for it."""
        return self.alias[1] if self.alias else self.name


@dataclass(frozen=True, slots=True)
class Step:
    """One statement: reads datasets by alias, writes one.

    ``select`` maps output columns to expressions; a column not named there is taken unchanged
    from the first dataset that has it. ``joins`` maps an alias to its condition.
    """

    name: str
    reads: dict[str, str]
    writes: str
    select: dict[str, str] = field(default_factory=dict)
    joins: dict[str, str] = field(default_factory=dict)
    where: str = ""
    mode: str = "OVERWRITE"


@dataclass(frozen=True, slots=True)
class SparkApp:
    """A Spark application: its commands run one after the other."""

    name: str
    title: str
    steps: tuple[Step, ...]
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Model:
    """A dbt model, seed or snapshot."""

    step: Step
    layer: int
    path: str
    materialized: str = "table"
    kind: str = "model"


@dataclass(frozen=True, slots=True)
class Check:
    """A data test on one dataset; ``expected`` is what the tool prints."""

    assertion: str
    dataset: str
    column: str = ""
    severity: str = "error"
    expected: str = "0"


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a DAG. ``work`` tells what it does: empty, steps, mapped, spark, dbt or checks."""

    id: str
    operator: str
    minutes: float
    after: tuple[str, ...] = ()
    work: str = "empty"
    steps: tuple[Step, ...] = ()
    spark: SparkApp | None = None
    command: str = ""
    checks: tuple[Check, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class Dag:
    """An Airflow DAG that starts at ``hours`` (UTC, with fractions) of each day in ``weekdays``."""

    id: str
    title: str
    doc: str
    owner: str
    hours: tuple[float, ...]
    tasks: tuple[Task, ...]
    tags: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = tuple(range(7))


@dataclass(frozen=True, slots=True)
class Ref:
    """A run as other runs name it."""

    namespace: str
    name: str
    run_id: str

    def as_parent(self, root: Ref | None = None) -> Facets:
        """Return the body of a parent facet that names this run and the root of the tree."""
        top = root or self
        return {**self.pair(), "root": top.pair()}

    def pair(self) -> Facets:
        """Return job and run by name and id."""
        return {"job": {"namespace": self.namespace, "name": self.name}, "run": {"runId": self.run_id}}
