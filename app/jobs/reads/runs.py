"""One run as its page shows it: what it is, above it, below it, beside it."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.db import utcnow
from app.jobs import facets as told
from app.jobs.endless import ENDLESS
from app.jobs.gantt import Gantt, Span, gantt
from app.jobs.models import Job, Run, Runner
from app.jobs.queries import runs as queries
from app.jobs.shown import status
from app.jobs.timing import Usual, change, seconds, usual

MAPPED = re.compile(r"\[\d+\]$")
MOST_LEVELS = 12
DEEPEST = 4
Shows = Callable[[Run], bool]
"""Whether somebody sees a run."""
Mine = Sequence[ColumnElement[bool]]
"""Conditions on Run for those that somebody sees."""
MOST_CHILDREN = 300
COMPARED = 20
MOST_BEFORE = 500


@dataclass(frozen=True, slots=True)
class Relative:
    """A run above or below another, how deep, how long it took so far in seconds, and how it stands in a word."""

    run: Run
    job: Job
    depth: int
    seconds: float | None
    above: Job | None = None
    word: str = ""

    @property
    def label(self) -> str:
        """Return its name without that of the job above it, with the index of a mapped task."""
        name = self.run.name or self.job.name
        if self.above is not None:
            name = name.removeprefix(f"{self.above.name}.") or name
        index = MAPPED.search(self.run.external_id or "")
        return f"{name} {index.group()}" if index else name


@dataclass(frozen=True, slots=True)
class Lineage:
    """The runs above one, from the top; ``is_cycle`` when the walk came back to where it had been."""

    above: list[Relative]
    is_cycle: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A run with its job, engine, facets (name -> body; ``job:sql`` and the like are of the job) and event counts."""

    run: Run
    job: Job
    runner: Runner | None
    stored: dict[str, Any]
    events: dict[str, int]
    now: datetime

    @property
    def facets(self) -> dict[str, dict[str, Any]]:
        """Return the contents of its facets."""
        return told.bodies(self.stored)

    @property
    def seconds(self) -> float | None:
        """Return how long it took so far."""
        return seconds(self.run, self.now)

    @property
    def delay(self) -> float | None:
        """Return how many seconds after its scheduled time it began, None without a schedule."""
        due = self.run.nominal_start_at
        return (self.run.began_at - due).total_seconds() if due is not None and self.run.started_at else None

    @property
    def error(self) -> told.Message | None:
        """Return what went wrong, None if nothing did; an error of an attempt that ended well is left to the facets."""
        return told.message(self.facets.get("errorMessage"), self.run.ended_reason)

    @property
    def incomplete(self) -> tuple[int, int | None] | None:
        """Return (parts whose lineage could not be read, all parts if told), None when nothing is missing."""
        body = self.facets.get("extractionError")
        failed = told.number(body, "failedTasks")
        return (failed, told.number(body, "totalTasks")) if failed else None

    @property
    def tags(self) -> list[tuple[str, str]]:
        """Return the tags of the run."""
        return told.tags(self.facets.get("tags"))

    @property
    def log_link(self) -> str | None:
        """Return where its log is, if a browser may go there."""
        return told.web_link(self.run.log_url)

    @property
    def query_id(self) -> str | None:
        """Return the id the query had in the system that ran it."""
        return told.text(self.facets.get("externalQuery"), "externalQueryId")

    @property
    def tables(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return well-known facets that read best as tables: title, rows of name and value."""
        engine = self.facets.get("processing_engine") or {}
        names = {"name": "Name", "version": "Version", "openlineageAdapterVersion": "Client version"}
        found = [
            ("Processing engine", [(words, str(engine[name])) for name, words in names.items() if engine.get(name)]),
            ("Execution parameters", told.pairs(self.facets.get("executionParameters"), "parameters")),
            ("Environment variables", told.pairs(self.facets.get("environmentVariables"), "environmentVariables")),
        ]
        return [(title, rows) for title, rows in found if rows]

    @property
    def is_streaming(self) -> bool:
        """Return whether it has no natural end."""
        return self.run.processing_type in ENDLESS


@dataclass(frozen=True, slots=True)
class Family:
    """The runs below one, each after its parent; ``is_cut`` when there are more than are shown."""

    rows: list[Relative]
    chart: Gantt
    is_cut: bool
    numbers: list[int] = field(default_factory=list)

    @property
    def grows(self) -> bool:
        """Return whether any of them goes on."""
        return any(row.run.status == "running" for row in self.rows)


@dataclass(frozen=True, slots=True)
class Beside:
    """The runs of the job before and after this one, and what is usual for it."""

    previous: Run | None
    following: Run | None
    usual: Usual
    bars: list[tuple[str, float | None]]
    slower: float | None


def everything(_run: Run) -> bool:
    """Return True: what somebody sees of runs who sees all."""
    return True


def opened(session: Session, which: int | UUID) -> Opened | None:
    """Return one run, None if the realm has none such: one statement."""
    row = session.execute(queries.run(which)).one_or_none()
    if row is None:
        return None
    run, job, runner, detail = row
    stored = told.shown_index(json.loads(detail.facets)) if detail else {}
    return Opened(run, job, runner, stored, json.loads(detail.events) if detail else {}, utcnow())


def above(session: Session, run: Run, shows: Shows = everything) -> Lineage:
    """Return parents of parents that somebody sees, at most twelve; a statement for each level."""
    seen, found, wanted = {run.number}, list[Relative](), run.parent_run
    while wanted is not None and len(found) < MOST_LEVELS:
        if wanted in seen:
            return Lineage(found[::-1], is_cycle=True)
        seen.add(wanted)
        row = session.execute(queries.numbered([wanted])).one_or_none()
        if row is None or not shows(row[0]):
            break
        found.append(Relative(row[0], row[1], 0, None))
        wanted = row[0].parent_run
    return Lineage(found[::-1], is_cycle=False)


def below(session: Session, opened: Opened, shows: Shows = everything) -> Family:
    """Return children of children that somebody sees, four levels and 300 runs at most: a statement for each level."""
    under: dict[int, list[tuple[Run, Job]]] = {}
    seen, level, left = {opened.run.number}, [opened.run.number], MOST_CHILDREN
    for _ in range(DEEPEST):
        if not level or left <= 0:
            break
        rows = session.execute(queries.children(level, left)).all()
        fresh = [(run, job) for run, job in rows if run.number not in seen and shows(run)]
        for run, job in fresh:
            under.setdefault(run.parent_run or 0, []).append((run, job))
        level = [run.number for run, _ in fresh]
        seen.update(level)
        left -= len(fresh)
    rows_ = _in_order(under, opened)
    spans = [Span(row.run.began_at, row.run.ended_at, row.run.status == "running") for row in rows_]
    return Family(rows_, gantt(spans, opened.now), left <= 0, [row.run.number for row in rows_])


def numbers_below(session: Session, number: int) -> list[int]:
    """Return a run and all below it, four levels and 300 runs at most: a statement for each level."""
    found, level = [number], [number]
    for _ in range(DEEPEST):
        left = MOST_CHILDREN - len(found)
        if not level or left <= 0:
            break
        level = [each for each in session.scalars(queries.child_numbers(level, left)) if each not in found]
        found.extend(level)
    return found


def last_completed(session: Session, run: Run, mine: Mine = ()) -> Run | None:
    """Return the newest completed run of the job before this one, among the last five hundred: one statement.

    ``mine`` are the conditions for what somebody sees.

    The run before a mapped task is one of the same index, not its neighbour of the same hour.
    """
    index = MAPPED.search(run.external_id or "")
    earlier = queries.completed_before(run, MOST_BEFORE, index.group() if index else "")
    return session.scalar(earlier.where(*mine))


def _in_order(under: dict[int, list[tuple[Run, Job]]], opened: Opened) -> list[Relative]:
    rows = list[Relative]()
    stack: list[tuple[Run, Job, int, Job | None]] = [(opened.run, opened.job, 0, None)]
    while stack:
        run, job, depth, above = stack.pop()
        if under or depth:
            rows.append(Relative(run, job, depth, seconds(run, opened.now), above, status(run, opened.now)))
        stack.extend((child, of, depth + 1, job) for child, of in reversed(under.get(run.number, [])))
    return rows


def beside(session: Session, opened: Opened, mine: Mine = ()) -> Beside:
    """Return the neighbours of a run among those of its job that somebody sees: two statements."""
    earlier = list(session.scalars(queries.of_job(opened.job.id, COMPARED, before=opened.run).where(*mine)))
    following = session.scalar(queries.after(opened.run).where(*mine))
    before = usual(earlier, opened.now)
    return Beside(
        previous=earlier[0] if earlier else None,
        following=following,
        usual=before,
        bars=[(run.status, seconds(run, opened.now)) for run in (opened.run, *earlier)][::-1],
        slower=change(opened.seconds, before.median) if opened.run.status == "completed" else None,
    )


def shares_its_id(session: Session, opened: Opened) -> list[Job]:
    """Return the jobs of a run whose id unrelated jobs used (none is the other plus a suffix), else nothing."""
    jobs = list(session.scalars(queries.names_of(opened.run.number)))
    first = min(jobs, key=lambda job: len(job.name), default=None)
    related = first is None or all(_is_suffixed(job, first) for job in jobs)
    return [] if related else jobs


def _is_suffixed(job: Job, first: Job) -> bool:
    same = job.id == first.id
    return same or (job.namespace == first.namespace and job.name.startswith(f"{first.name}."))
