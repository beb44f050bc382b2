"""Whatever the order, the batches and the repeats: equal facts, edges that add up, spans as slow reading finds them."""

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import count, groupby
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.jobs.models import Job, Run
from app.lineage.models import Dataset, Edge, Interaction
from app.lineage.openlineage.spans import Moment, Point, Span, observe
from tests import factories
from tests.databases import Database
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import columns, facet, job_type, parent, run, schema, symlinks, table

QUICK = settings(
    max_examples=8, deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
ENDS = {"COMPLETE": "completed", "FAIL": "failed", "ABORT": "cancelled"}
TYPES = ["START", "RUNNING", "COMPLETE", "FAIL", "ABORT", "OTHER", None, "ODD"]
SQL = ["INSERT INTO t SELECT 1", "MERGE INTO t USING s ON 1 = 1", "DELETE FROM t; INSERT INTO t SELECT 1", "SELECT 1"]
COUNTS = st.none() | st.fixed_dictionaries({"rowCount": st.integers(0, 99)}, optional={"size": st.integers(0, 9)})
TABLES = st.sampled_from(["shop.a", "shop.b", "shop.c", "lake.d"])
NUMBERS = count()
Event = dict[str, Any]


def fresh(database: Database, session: Session) -> Intake:
    """Return the way into a realm nobody used; the database is emptied once per test, not once per example."""
    return Intake(database, factories.make_realm(session, f"r{next(NUMBERS)}"))


@st.composite
def outputs(draw: st.DrawFn) -> Event:
    """Make an output with or without facets."""
    facets: Event = {}
    if draw(st.booleans()):
        facets["schema"] = schema(*draw(st.lists(st.sampled_from(["id", "age", "sum"]), unique=True, max_size=2)))
    if draw(st.booleans()):
        facets["columnLineage"] = columns(id=[(draw(TABLES), draw(st.sampled_from(["id", "x"])))])
    if draw(st.integers(0, 5)) == 0:
        facets["symlinks"] = symlinks(draw(TABLES))
    if draw(st.integers(0, 5)) == 0:
        facets["lifecycleStateChange"] = facet(lifecycleStateChange=draw(st.sampled_from(["CREATE", "DROP"])))
    return table(draw(TABLES), counts=draw(COUNTS), **facets)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Make an event of one of four runs; Spark's job names grow, and two runs share an id with another job."""
    number = draw(st.integers(0, 3))
    name = f"job{number}" + draw(st.sampled_from(["", "", ".t", ".t.u"]))
    facets = {"parent": parent(f"run{draw(st.integers(0, 3))}", "job0")} if draw(st.booleans()) else {}
    job_facets = dict(draw(st.sampled_from([{}, job_type("SPARK", "SQL_JOB"), job_type("FLINK", "JOB", "STREAMING")])))
    if draw(st.booleans()):
        job_facets["sql"] = facet(query=draw(st.sampled_from(SQL)))
    return run(
        f"run{number}",
        draw(st.sampled_from([name, name, name, "other"])),
        draw(st.sampled_from(TYPES)),
        inputs=[table(each) for each in draw(st.lists(TABLES, max_size=2))],
        outputs=draw(st.lists(outputs(), max_size=2)),
        facets=facets,
        job_facets=job_facets,
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Make events at times of their own (only ties follow the order of arrival), on three days."""
    found = draw(st.lists(events(), min_size=1, max_size=14))
    minutes = draw(st.lists(st.integers(0, 4_000), min_size=len(found), max_size=len(found), unique=True))
    day = run("x", "x", None)["eventTime"][:10]
    start = date.fromisoformat(day)
    return [
        event | {"eventTime": f"{start + timedelta(minute // 1440)}T{minute % 1440 // 60:02}:{minute % 60:02}:00Z"}
        for event, minute in zip(found, minutes, strict=True)
    ]


def edge_rows(session: Session, realm_id: int) -> set[tuple[Any, ...]]:
    """Return the rows of lineage_edge by names instead of ids."""
    names = _names(session, realm_id)
    query = select(Edge).where(Edge.realm_id == realm_id)
    return {
        (
            names["job"][e.job_id],
            names["dataset"][e.dataset_id],
            e.direction,
            e.type,
            e.day,
            e.runs,
            e.rows,
            e.bytes,
            e.files,
        )
        for e in session.scalars(query)
    }


def _names(session: Session, realm_id: int) -> dict[str, dict[int, str]]:
    return {
        "job": {row.id: row.name for row in session.scalars(select(Job).where(Job.realm_id == realm_id))},
        "dataset": {row.id: row.name for row in session.scalars(select(Dataset).where(Dataset.realm_id == realm_id))},
    }


def summed(session: Session, realm_id: int) -> set[tuple[Any, ...]]:
    """Return what the edges should be: sums over interactions, worked out slowly."""
    names = _names(session, realm_id)
    run_jobs = {row.number: row.job_id for row in session.scalars(select(Run).where(Run.realm_id == realm_id))}
    totals: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in session.scalars(select(Interaction).where(Interaction.realm_id == realm_id)):
        reported, newest = names["job"][row.job_id], names["job"][run_jobs[row.operation]]
        is_one = reported.startswith(f"{newest}.") or newest.startswith(f"{reported}.")
        key = (newest if is_one else reported, names["dataset"][row.dataset_id], row.direction, row.type)
        for day in row.days.split(","):
            totals[*key, date(1970, 1, 1) + timedelta(int(day))][0] += 1
        if row.counted_on is not None:
            for place, value in enumerate((row.num_rows, row.num_bytes, row.num_files), 1):
                totals[*key, row.counted_on][place] += value or 0
    return {(*key, *values) for key, values in totals.items() if any(values)}


def mixed(told: list[Event], seed: int) -> list[list[Event]]:
    """Return the events in another order, some repeated, split into batches."""
    chance = random.Random(seed)
    order = [*told, *chance.choices(told, k=len(told) // 2)]
    chance.shuffle(order)
    batches: list[list[Event]] = []
    while order:
        size = chance.randint(1, 5)
        batches.append(order[:size])
        order = order[size:]
    return batches


@QUICK
@given(told=histories(), seeds=st.lists(st.integers(0, 2**30), min_size=2, max_size=2))
def test_any_order_split_and_repetition_gives_equal_facts_and_edges_that_add_up(
    database: Database, session: Session, told: list[Event], seeds: list[int]
) -> None:
    straight, *others = (fresh(database, session) for _ in range(3))
    straight.each(told)
    wanted, edges = straight.facts(), edge_rows(session, straight.realm.id)
    assert edges == summed(session, straight.realm.id)

    for intake, seed in zip(others, seeds, strict=True):
        for batch in mixed(told, seed):
            intake.take(*batch)
        assert intake.facts() == wanted
        assert edge_rows(session, intake.realm.id) == edges
        assert summed(session, intake.realm.id) == edges


@QUICK
@given(types=st.lists(st.sampled_from(TYPES), min_size=1, max_size=6), seed=st.integers(0, 2**30))
def test_the_newest_end_decides_else_the_furthest_state_seen(
    database: Database, session: Session, types: list[str | None], seed: int
) -> None:
    intake = fresh(database, session)
    told = [run("r", "load", type_, minute) for minute, type_ in enumerate(types)]
    for batch in mixed(told, seed):
        intake.take(*batch)

    ends = [type_ for type_ in types if type_ in ENDS]
    is_open, is_queued = {"START", "RUNNING"} & {*types}, "OTHER" in types
    wanted = ENDS[ends[-1]] if ends else "running" if is_open else "queued" if is_queued else "unknown"
    assert session.scalars(select(Run.status).where(Run.realm_id == intake.realm.id)).all() == [wanted]


def brute(points: Iterable[Point]) -> list[tuple[Any, Moment, Moment]]:
    """Return spans by sorting all observations."""
    found = []
    for content, group in groupby(sorted(points, key=lambda point: point.at), key=lambda point: point.content):
        times = [point.at for point in group]
        found.append((content, times[0], times[-1]))
    return found


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from("abc")), max_size=14))
def test_spans_built_in_any_order_equal_a_brute_force(observed: list[tuple[int, str]]) -> None:
    spans: list[Span] = []
    points: list[Point] = []
    for arrival, (us, content) in enumerate(observed, 1):
        point = Point((us, arrival), content)
        observe(spans, point, lambda span: [p for p in points if span.first <= p.at <= span.last])
        points.append(point)

        assert [(span.content, span.first, span.last) for span in spans] == brute(points)


@pytest.mark.parametrize("twice", [False, True])
def test_a_run_that_moves_to_another_job_takes_its_edges_along(
    database: Database, session: Session, twice: bool
) -> None:
    intake = fresh(database, session)
    told = [
        run("r", "app.cmd", "START", 0, outputs=[table("t", counts={"rowCount": 5})]),
        run("r", "app.cmd.t", "COMPLETE", 1, outputs=[table("t", counts={"rowCount": 7})]),
    ]
    intake.each(told * (1 + twice))

    rows = edge_rows(session, intake.realm.id)

    assert rows == summed(session, intake.realm.id)
    assert {(row[0], row[5], row[6]) for row in rows} == {("app.cmd.t", 2, 12)}
