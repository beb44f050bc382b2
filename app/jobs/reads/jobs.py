"""Jobs as pages show them: the companions of a list of them, and one whole job."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.db import utcnow
from app.jobs.difference import Diff, diff
from app.jobs.facets import FacetView, shown, view, web_link
from app.jobs.models import Dependency, Description, Facet, Job, Owner, Run, Tag
from app.jobs.queries import jobs as queries
from app.jobs.queries import runs as run_queries
from app.jobs.queries.about import descriptions
from app.jobs.queries.sight import Sight
from app.jobs.reads.board import first_line
from app.jobs.shown import status
from app.jobs.signals import jobs_listed
from app.jobs.timing import Usual, seconds, usual
from app.locations.models import Location
from app.web.filters import duration
from app.web.kinds import url_of

BARS = 10
SHOWN_BARS = 30
RECENT = 100
TOKENS = {"queued": "waiting", "running": "running", "completed": "ok", "failed": "bad", "cancelled": "off"}
MOST = 100
MOST_TEXTS = 20
DEEPEST = 4
PAIR = 2
MOST_BELOW = 300


@dataclass(frozen=True, slots=True)
class Companions:
    """What a list of jobs shows beside each: last runs (status, seconds; oldest first), owners, (inputs, outputs).

    ``began`` is when the newest of those runs began, ``last`` its number and the word shown for it.
    """

    bars: dict[int, list[tuple[str, float | None]]]
    owners: dict[int, list[str]]
    io: dict[int, tuple[int, int]]
    began: dict[int, datetime]
    last: dict[int, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Text:
    """One SQL text of a job, from when to when it was reported, and how it differs from the one before it."""

    facet: Facet
    sql: str
    diff: Diff | None


@dataclass(frozen=True, slots=True)
class Texts:
    """The SQL texts of a job, newest first, and the two of them that are compared: each with its place in the list."""

    texts: list[Text]
    older: int | None = None
    newer: int | None = None

    @property
    def diff(self) -> Diff | None:
        """Return how the older of the two chosen became the newer one, None when none are chosen."""
        if self.older is None or self.newer is None:
            return None
        return diff(self.texts[self.older].sql, self.texts[self.newer].sql)


@dataclass(frozen=True, slots=True)
class Failure:
    """Runs that failed with the same first line, newest first."""

    line: str
    runs: list[Run]


@dataclass(frozen=True, slots=True)
class Opened:
    """A job, where it runs, above which job, whose it is, and its last 100 runs, newest first."""

    job: Job
    location: Location
    parent: Job | None
    owners: list[Owner]
    tags: list[Tag]
    recent: list[Run]
    usual: Usual
    source: tuple[str, str] | None
    facets: list[FacetView]
    now: datetime
    said: Description | None

    @property
    def word(self) -> str:
        """Return how its last run stands; empty when it never ran."""
        return status(self.recent[0], self.now) if self.recent else ""

    @property
    def location_url(self) -> str | None:
        """Return the page of its location, None where there is none."""
        return url_of("location", str(self.location.id))

    @property
    def failures(self) -> list[Failure]:
        """Return the failed ones of its last runs by the first line of their error, the most frequent first."""
        found = defaultdict[str, list[Run]](list)
        for run in self.recent:
            if run.status == "failed":
                found[first_line(run.ended_reason)].append(run)
        return sorted((Failure(line, runs) for line, runs in found.items()), key=lambda one: -len(one.runs))

    @property
    def longest(self) -> float:
        """Return the longest duration among the bars, in seconds."""
        return max(
            (took for run in self.recent[:SHOWN_BARS] if (took := seconds(run, self.now)) is not None), default=0
        )

    @property
    def bars(self) -> list[tuple[str, float, float, str]]:
        """Return (state token, x, height up to 64, words) of the last runs, oldest first, ten units apart."""
        found = []
        for index, run in enumerate(self.recent[:SHOWN_BARS][::-1]):
            took = seconds(run, self.now)
            height = max(2.0, round(64 * (took or 0) / (self.longest or 1), 1))
            words = f"Run {run.number}, {run.status}" + (f", {duration(took)}" if took is not None else "")
            found.append((TOKENS.get(run.status, "neutral"), index * 10 + 1.5, height, words))
        return found


@dataclass(frozen=True, slots=True)
class Around:
    """The jobs this one waits for, those that wait for it, and those below it."""

    before: list[tuple[Dependency, Job]]
    after: list[tuple[Dependency, Job]]
    children: list[Job]


def companions(session: Session, jobs: Sequence[Job], sight: Sight) -> Companions:
    """Return what a page of jobs needs besides its rows: three statements."""
    if not jobs:
        return Companions({}, {}, {}, {}, {})
    ids = [job.id for job in jobs]
    now, bars, owners = utcnow(), defaultdict[int, list[Any]](list), defaultdict[int, list[str]](list)
    began: dict[int, datetime] = {}
    newest: dict[int, tuple[int, str]] = {}
    for row in session.execute(queries.last_runs(session.info["realm_id"], ids, BARS, sight)):
        if row.job_id not in began or row.began_at > began[row.job_id]:
            began[row.job_id], newest[row.job_id] = row.began_at, (row.number, status(row, now))
        end = row.ended_at or (now if row.status == "running" else None)
        bars[row.job_id].insert(0, (row.status, (end - row.began_at).total_seconds() if end else None))
    for owner in session.scalars(queries.owners(ids)):
        owners[owner.entity_id].append(owner.name)
    io: dict[int, tuple[int, int]] = {}
    last = {job.id: job.last_run for job in jobs if job.last_run is not None}
    for _, found in jobs_listed.send(None, session=session, runs=last):
        io.update(found)
    return Companions(bars, owners, io, began, newest)


def opened(session: Session, job_id: int) -> Opened | None:
    """Return one job, None if the realm has none such: six statements."""
    row = session.execute(queries.job(job_id)).one_or_none()
    if row is None:
        return None
    job, location, parent = row
    now = utcnow()
    recent = list(session.scalars(run_queries.of_job(job.id, RECENT)))
    facets = _facets(session, job)
    return Opened(
        job=job,
        location=location,
        parent=parent,
        owners=list(session.scalars(queries.owners([job.id]))),
        tags=list(session.scalars(queries.tags(job.id))),
        recent=recent,
        usual=usual(recent, now),
        source=_source(facets),
        facets=facets,
        now=now,
        said=session.scalar(descriptions("job", [job.id], None).limit(1)),
    )


def _facets(session: Session, job: Job) -> list[FacetView]:
    index = {name: bytes.fromhex(item[2]) for name, item in json.loads(job.facets).items() if item[2] and not item[3]}
    if not index:
        return []
    found = {body.digest: body.body for body in session.scalars(queries.bodies(list(index.values())))}
    known = [(name, found[key]) for name, key in sorted(index.items()) if key in found]
    return [view(name, "job", shown(name, json.loads(body))) for name, body in known]


def _source(facets: list[FacetView]) -> tuple[str, str] | None:
    """Return (URL, words) of where the code is, if a browser may follow it."""
    body = next((each.body for each in facets if each.name == "sourceCodeLocation"), None)
    url = web_link(body.get("url")) if isinstance(body, dict) else None
    if not isinstance(body, dict) or url is None:
        return None
    words = [str(body[name]) for name in ("path", "branch", "version") if body.get(name)]
    return url, " @ ".join(words) or url


def ids_below(session: Session, job_id: int) -> list[int]:
    """Return a job and all below it, four levels and 300 jobs at most: a statement for each level."""
    found, level = [job_id], [job_id]
    for _ in range(DEEPEST):
        left = MOST_BELOW - len(found)
        if not level or left <= 0:
            break
        level = [each for each in session.scalars(queries.child_ids(level, left)) if each not in found]
        found.extend(level)
    return found


def texts(session: Session, job: Job, newer: int | None = None, older: int | None = None) -> Texts:
    """Return the SQL texts of a job, newest first, at most twenty: one statement.

    ``newer`` and ``older`` are ids of two of them to compare; one that is not among them counts as not given.
    """
    rows = session.execute(queries.versions(job.id, "sql", MOST_TEXTS)).all()
    found = [(facet, _sql(body.body)) for facet, body in rows if not facet.deleted]
    before = [*(sql for _, sql in found[1:]), ""][: len(found)]
    told = [Text(facet, sql, diff(old, sql) if old else None) for (facet, sql), old in zip(found, before, strict=True)]
    places = {text.facet.id: place for place, text in enumerate(told)}
    chosen = [places[each] for each in (newer, older) if each in places]
    return Texts(told, max(chosen), min(chosen)) if len(chosen) == PAIR else Texts(told)


def _sql(body: str) -> str:
    found = shown("sql", json.loads(body))
    query = found.get("query") if isinstance(found, dict) else None
    return query if isinstance(query, str) else ""


def around(session: Session, job: Job) -> Around:
    """Return dependencies and child jobs, at most a hundred each: two statements."""
    pairs = [(row[0], row[1]) for row in session.execute(queries.dependencies(job.id, MOST))]
    return Around(
        before=[pair for pair in pairs if pair[0].to_job_id == job.id],
        after=[pair for pair in pairs if pair[0].from_job_id == job.id],
        children=list(session.scalars(queries.children(job.id, MOST))),
    )
