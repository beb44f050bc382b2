"""Column lineage: every form of the facet, what is current, and what is history (specification 3.9)."""

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lineage.models import ColumnEdge, ColumnSet
from app.lineage.queries import shape
from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import WAREHOUSE, columns, facet, run, schema, source, table

OUT, RAW = "shop.orders", "shop.raw"
Edges = list[tuple[str | None, str, str, str]]


def told(**entries: Any) -> dict[str, Any]:
    """Return a columnLineage facet with these entries as they are."""
    return facet(fields=entries)


def write(lineage: dict[str, Any], minute: float = 0, job: str = "build", **facets: Any) -> dict[str, Any]:
    """Return a run that writes orders and tells where its columns come from."""
    return run(f"{job}-{minute}", job, minute=minute, outputs=[table(OUT, columnLineage=lineage, **facets)])


def edges(session: Session, store: Store) -> Edges:
    """Return every edge ever told as (output column, input dataset, column, kinds)."""
    names = {dataset.id: name for name, dataset in store.datasets().items()}
    rows = session.scalars(select(ColumnEdge))
    found = [(row.output_column, names[row.dataset_id], row.column, row.kinds) for row in rows]
    return sorted(found, key=lambda edge: tuple(map(str, edge)))


def current(session: Session, store: Store) -> Edges:
    """Return the edges of the newest facet of each job."""
    names = {dataset.id: name for name, dataset in store.datasets().items()}
    rows = session.execute(shape.column_sources([store.dataset(OUT).id]))
    found = [(row.output_column, names[row.dataset_id], row.column, row.kinds) for row in rows]
    return sorted(found, key=lambda edge: tuple(map(str, edge)))


def test_kinds_are_kept_as_sent_and_masking_is_one_of_them(intake: Intake, session: Session, store: Store) -> None:
    item = source(RAW, "email", "DIRECT:TRANSFORMATION", "INDIRECT:JOIN")
    item["transformations"][0]["masking"] = True
    intake.take(write(told(email={"inputFields": [item]})))

    assert edges(session, store) == [("email", RAW, "email", "DIRECT:TRANSFORMATION:MASKED,INDIRECT:JOIN")]


def test_one_pair_told_twice_is_one_edge_with_all_kinds(intake: Intake, session: Session, store: Store) -> None:
    twice = [source(RAW, "a", "DIRECT:IDENTITY"), source(RAW, "a", "INDIRECT:FILTER")]
    intake.take(write(told(a={"inputFields": twice})))

    assert edges(session, store) == [("a", RAW, "a", "DIRECT:IDENTITY,INDIRECT:FILTER")]


def test_an_edge_without_transformations_is_of_unknown_kind(intake: Intake, session: Session, store: Store) -> None:
    intake.take(write(columns(a=[(RAW, "x")])))

    assert edges(session, store) == [("a", RAW, "x", "UNKNOWN")]


@pytest.mark.parametrize("old", ["IDENTITY", "MASKED"])
def test_the_old_form_reads_as_direct(intake: Intake, session: Session, store: Store, old: str) -> None:
    entry = {"inputFields": [source(RAW, "x")], "transformationDescription": "as is", "transformationType": old}
    intake.take(write(told(a=entry)))

    assert edges(session, store) == [("a", RAW, "x", f"DIRECT:{old}")]


def test_an_edge_of_the_whole_dataset_has_no_output_column(
    client: Browser, intake: Intake, session: Session, store: Store
) -> None:
    lineage = told(a={"inputFields": [source(RAW, "x", "DIRECT:IDENTITY")]})
    lineage["dataset"] = [source(RAW, "day", "INDIRECT:FILTER")]
    intake.take(write(lineage))

    assert edges(session, store) == [(None, RAW, "day", "INDIRECT:FILTER"), ("a", RAW, "x", "DIRECT:IDENTITY")]
    assert intake.facts()["column_lineage_dataset_level"] == [[WAREHOUSE, OUT, WAREHOUSE, RAW, "day"]]
    assert client.get(f"/r/acme/lineage/datasets/{store.dataset(OUT).id}/lineage").status_code == 200


def test_datasets_and_columns_never_seen_are_named_and_shown(
    client: Browser, intake: Intake, session: Session, store: Store
) -> None:
    intake.take(write(columns(ghost=[("shop.unseen", "x")]), schema=schema("a")))

    assert store.dataset("shop.unseen").origin == "referenced"
    assert edges(session, store) == [("ghost", "shop.unseen", "x", "UNKNOWN")]
    for name in (OUT, "shop.unseen"):
        page = client.get(f"/r/acme/lineage/datasets/{store.dataset(name).id}/lineage").text
        assert re.search(r"\bghost\b", page)


def test_two_hundred_columns_with_three_inputs_each_are_six_hundred_edges(
    client: Browser, intake: Intake, session: Session, store: Store
) -> None:
    wide = {f"c{number}": [(f"shop.in{which}", f"x{number}") for which in range(3)] for number in range(200)}
    intake.take(write(columns(**wide), schema=schema(*wide)))

    assert len(current(session, store)) == 600
    assert len(intake.facts()["column_lineage"]) == 600
    assert client.get(f"/r/acme/lineage/datasets/{store.dataset(OUT).id}/lineage").status_code == 200


@pytest.mark.parametrize("order", [1, -1])
def test_edges_of_an_older_facet_are_history(intake: Intake, session: Session, store: Store, order: int) -> None:
    events = [write(columns(a=[(RAW, "old")]), 0), write(columns(a=[(RAW, "new")]), 1)]
    intake.each(events[::order])

    assert edges(session, store) == [("a", RAW, "new", "UNKNOWN"), ("a", RAW, "old", "UNKNOWN")]
    assert current(session, store) == [("a", RAW, "new", "UNKNOWN")]
    assert [row[2:] for row in intake.facts()["column_lineage_last_facet_only"]] == [["a", WAREHOUSE, RAW, "new"]]


def test_each_job_has_a_current_facet_of_its_own(intake: Intake, session: Session, store: Store) -> None:
    intake.take(write(columns(a=[(RAW, "x")]), 0, "one"), write(columns(a=[(RAW, "y")]), 1, "two"))

    assert current(session, store) == [("a", RAW, "x", "UNKNOWN"), ("a", RAW, "y", "UNKNOWN")]


def test_the_same_facet_again_extends_its_row_unless_another_came_between(intake: Intake, session: Session) -> None:
    one, two = columns(a=[(RAW, "x")]), columns(a=[(RAW, "y")])
    intake.each([write(one, 0), write(one, 1)])
    assert len(session.scalars(select(ColumnSet)).all()) == 1

    intake.each([write(two, 2), write(one, 3)])
    rows = session.scalars(select(ColumnSet).order_by(ColumnSet.first_at)).all()
    assert [row.digest == rows[0].digest for row in rows] == [True, False, True]
    assert len(session.scalars(select(ColumnEdge)).all()) == 2


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 1, 0), (1, 0, 2)])
def test_a_deleted_facet_leaves_no_current_edges(
    intake: Intake, session: Session, store: Store, order: tuple[int, ...]
) -> None:
    gone = facet(_deleted=True)
    events = [write(columns(a=[(RAW, "x")]), 0), write(columns(a=[(RAW, "y")]), 1), write(gone, 2)]
    intake.each([events[number] for number in order])

    assert current(session, store) == []
    assert len(edges(session, store)) == 2
