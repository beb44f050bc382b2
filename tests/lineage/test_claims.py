"""Claims: lineage somebody states, explicit, declared or by renaming, rather than lineage seen in a run."""

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lineage.models import Claim
from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import WAREHOUSE, dataset, facet, job, run, table

Ends = set[tuple[str, str, str]]


def named(name: str, type_: str = "DATASET", **more: Any) -> dict[str, Any]:
    """Return an entry of a lineage facet."""
    return {"namespace": WAREHOUSE if type_ == "DATASET" else "etl", "name": name, "type": type_, **more}


def claims(session: Session, store: Store, *, current: bool = False) -> Ends:
    """Return (evidence, from, to); with ``current`` only what each source said last."""
    names = {("dataset", row.id): row.name for row in store.datasets().values()}
    names |= {("job", row.id): row.name for row in store.jobs().values()} | {("none", 0): ""}
    rows = session.scalars(select(Claim)).all()
    newest: dict[tuple[str, str], Any] = {}
    for row in rows:
        key = (row.evidence, row.source)
        newest[key] = max(newest.get(key, (row.last_at, 0)), (row.last_at, row.last_event))
    return {
        (row.evidence, _end(names, row, "from"), _end(names, row, "to"))
        for row in rows
        if not current or (row.last_at, row.last_event) == newest[row.evidence, row.source]
    }


def _end(names: dict[tuple[str, int], str], row: Claim, side: str) -> str:
    column = getattr(row, f"{side}_column")
    return names[getattr(row, f"{side}_kind"), getattr(row, f"{side}_id")] + (f".{column}" if column else "")


def test_the_facet_of_a_dataset_says_where_it_comes_from(intake: Intake, session: Session, store: Store) -> None:
    lineage = facet(inputs=[named("shop.raw"), named("shop.rates", field="rate")])
    intake.take(dataset(table("shop.orders", lineage=lineage)))

    assert claims(session, store) == {
        ("explicit", "shop.raw", "shop.orders"),
        ("explicit", "shop.rates.rate", "shop.orders"),
    }
    assert store.dataset("shop.raw").origin == "referenced"
    assert store.interactions() == []


def test_the_facet_of_a_dataset_tells_of_its_columns(intake: Intake, session: Session, store: Store) -> None:
    field = {"inputs": [named("shop.raw", field="price", transformations=[{"type": "DIRECT", "subtype": "SUM"}])]}
    intake.take(dataset(table("shop.orders", lineage=facet(fields={"total": field}))))

    assert claims(session, store) == {("explicit", "shop.raw.price", "shop.orders.total")}
    assert session.scalars(select(Claim.kinds)).all() == ["DIRECT:SUM"]


def test_the_facet_of_a_job_tells_of_many_targets_and_of_itself(intake: Intake, session: Session, store: Store) -> None:
    entries = [named("shop.orders", inputs=[named("shop.raw")]), {"inputs": [named("other", "JOB")]}]
    intake.take(run("r", "build", job_facets={"lineage": facet(entries=entries)}))

    assert claims(session, store) == {("explicit", "shop.raw", "shop.orders"), ("explicit", "other", "build")}
    assert store.jobs()["other"].origin == "referenced"


def test_no_inputs_means_known_to_have_no_source(intake: Intake, session: Session, store: Store) -> None:
    intake.take(dataset(table("shop.days", lineage=facet(inputs=[]))), dataset(table("shop.x", lineage=facet())))

    assert claims(session, store) == {("explicit", "", "shop.days")}
    assert intake.facts()["explicit_lineage"] == []


def test_explicit_lineage_is_among_the_facts(intake: Intake) -> None:
    intake.take(dataset(table("shop.orders", lineage=facet(inputs=[named("shop.raw", field="a")]))))

    assert intake.facts()["explicit_lineage"] == [
        [["DATASET", WAREHOUSE, "shop.orders", None], ["DATASET", WAREHOUSE, "shop.raw", "a"]]
    ]


def test_inputs_and_outputs_of_a_job_event_are_declared(intake: Intake, session: Session, store: Store) -> None:
    intake.take(job("build", inputs=[table("shop.raw")], outputs=[table("shop.orders")]))

    assert claims(session, store) == {("declared", "shop.raw", "build"), ("declared", "build", "shop.orders")}
    assert store.jobs()["build"].origin == "declared"
    assert store.interactions() == []
    assert intake.facts()["edges"] == {
        "input": [["etl", "build", WAREHOUSE, "shop.raw"]],
        "output": [["etl", "build", WAREHOUSE, "shop.orders"]],
    }


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("batches", ["together", "apart"])
def test_a_newer_job_event_is_current_and_the_older_stays_in_the_facts(
    intake: Intake, session: Session, store: Store, order: int, batches: str
) -> None:
    events = [
        job("build", 0, inputs=[table("shop.a"), table("shop.b")]),
        job("build", 1, inputs=[table("shop.b"), table("shop.c")]),
    ][::order]
    if batches == "together":
        intake.take(*events)
    else:
        intake.each(events)

    now = {("declared", "shop.b", "build"), ("declared", "shop.c", "build")}
    assert claims(session, store, current=True) == now
    assert claims(session, store) == now | {("declared", "shop.a", "build")}
    assert [row[3] for row in intake.facts()["edges"]["input"]] == ["shop.a", "shop.b", "shop.c"]


@pytest.mark.parametrize("order", [1, -1])
def test_a_newer_explicit_facet_is_current(intake: Intake, session: Session, store: Store, order: int) -> None:
    events = [dataset(table("shop.x", lineage=facet(inputs=[named(f"shop.{n}")])), n) for n in range(3)]
    intake.each(events[::order])

    assert claims(session, store, current=True) == {("explicit", "shop.2", "shop.x")}


def test_a_rename_claims_that_the_old_name_became_the_new(
    client: Browser, intake: Intake, session: Session, store: Store
) -> None:
    change = facet(lifecycleStateChange="RENAME", previousIdentifier={"namespace": WAREHOUSE, "name": "shop.old"})
    intake.take(
        run("r1", "load", minute=0, outputs=[table("shop.old")]),
        run("r2", "rename", minute=1, outputs=[table("shop.new", lifecycleStateChange=change)]),
    )

    assert claims(session, store) == {("renamed", "shop.old", "shop.new")}
    assert ("load", "shop.old", "output", "WRITE") in store.interactions()
    for name, other in (("shop.old", "shop.new"), ("shop.new", "shop.old")):
        assert other in client.get(f"/r/acme/lineage/datasets/{store.dataset(name).id}").text


def test_the_page_of_a_dataset_shows_who_is_claimed_to_stand_around_it(
    client: Browser, intake: Intake, store: Store
) -> None:
    intake.take(
        job("build", inputs=[table("shop.raw")], outputs=[table("shop.orders")]),
        dataset(table("shop.report", lineage=facet(inputs=[named("shop.orders")]))),
    )

    page = client.get(f"/r/acme/lineage/datasets/{store.dataset('shop.orders').id}").text

    assert "shop.raw" in page
    assert "shop.report" in page


@pytest.mark.parametrize(
    "lineage",
    [{"inputs": None}, {"inputs": "raw"}, {"inputs": [1, None, {}]}, {"fields": [1]}, {"entries": {"a": 1}}],
)
def test_a_facet_of_another_shape_claims_nothing(intake: Intake, session: Session, lineage: dict[str, Any]) -> None:
    body = facet(**lineage)
    intake.take(run("r", "build", job_facets={"lineage": body}, outputs=[table("shop.orders", lineage=body)]))

    assert session.scalars(select(Claim)).all() == []


def test_the_page_shows_only_what_the_newest_job_event_declares(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(
        job("plan", 1, inputs=[table("old")], outputs=[table("out")]),
        job("plan", 2, inputs=[table("new")], outputs=[table("out")]),
        job("bare", 1, inputs=[table("gone")], outputs=[table("out")]),
        job("bare", 3),
    )
    page = client.get(f"/r/acme/lineage/datasets/{store.dataset('out').id}/lineage").get_data(as_text=True)
    lists = re.findall(r'<a class="row-link"[^>]+>([^<]+)</a>', page)

    assert lists == ["new"]


def test_what_is_known_to_have_no_source_says_so(client: Browser, intake: Intake, store: Store) -> None:
    nothing = facet(inputs=[])
    intake.take(run("r", "seed", outputs=[table("seeded", lineage=nothing)]))

    page = client.get(f"/r/acme/lineage/datasets/{store.dataset('seeded').id}/lineage").get_data(as_text=True)

    assert "known to have no source" in page
