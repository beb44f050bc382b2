"""Pages after a pass: what is left opens, what is gone is said."""

import json
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.lineage.models import RawEvent
from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.test_retention import NOW, Keep, load, passes, received

__all__ = ["passes"]


def test_pages_of_what_is_left_open(client: Browser, intake: Intake, store: Store, passes: Keep) -> None:
    intake.take(*(load(number, 900 - number) for number in range(25)), load(1, 900, "gone"), load(2, 899, "gone"))
    gone = store.run("load0").id
    passes()
    home = store.dataset("shop.sums").id
    paths = [f"/r/acme/lineage/datasets/{home}{tab}" for tab in ("", "/schema", "/history", "/runs", "/lineage")]
    paths += [f"/r/acme/jobs/jobs/{store.jobs()['load'].id}?tab={tab}" for tab in ("overview", "io", "sql")]
    paths += ["/r/acme/jobs/runs", "/r/acme/lineage/events", f"/r/acme/jobs/runs/{store.run('load5').id}"]

    assert [client.get(path).status_code for path in paths] == [200] * len(paths)
    assert client.get(f"/r/acme/jobs/runs/{gone}").status_code == 404
    assert json.dumps(intake.facts())


def test_pages_say_what_is_gone(client: Browser, intake: Intake, store: Store, session: Session, passes: Keep) -> None:
    intake.take(*(load(number, 900 - number) for number in range(25)))
    gone, operation = store.run("load0"), store.run("load0").id
    received(session, 100)
    event = session.scalars(select(RawEvent.id).limit(1)).one()
    passes()
    home = store.dataset("shop.sums").id

    lists = ("jobs/runs", "lineage/events", f"lineage/datasets/{home}/history")
    single = (f"jobs/runs/{gone.id}", f"jobs/runs/{gone.number}", f"lineage/operations/{operation}",
              f"lineage/events/{event}")  # fmt: skip

    for path in lists:
        assert "no longer kept" in client.get(f"/r/acme/{path}").text
    for path in single:
        answer = client.get(f"/r/acme/{path}")
        assert (answer.status_code, "no longer kept" in answer.text) == (404, True)


def test_the_page_tells_settings_and_counts_what_would_go(client: Browser, intake: Intake, passes: Keep) -> None:
    intake.take(*(load(number, 900 - number) for number in range(25)))

    assert "nothing yet" in client.get("/r/acme/lineage/retention").text
    told = client.get("/r/acme/lineage/retention?preview=1").text
    assert '<td class="number">5</td>' in told
    passes()
    assert "400 days and the newest 20 of each job" in client.get("/r/acme/lineage/retention").text


def test_who_may_configure_sets_for_how_long_after_seeing_what_would_go(
    client: Browser, intake: Intake, session: Session
) -> None:
    intake.take(*(load(number, 300 - number) for number in range(25)))
    page, wanted = "/r/acme/lineage/retention", {"events": 90, "runs": 100, "newest": 3, "edges": 400}

    assert "the next pass takes" in client.get(page, query_string=wanted).text
    assert client.get(page, query_string={**wanted, "newest": 0}).status_code == 422
    assert client.post(page, {**wanted, "runs": "soon"}).status_code == 422
    assert client.post(page, {name: str(value) for name, value in wanted.items()}).status_code == 303
    assert "100 days and the newest 3 of each job" in client.get(page).text
    change = session.scalars(select(Change).where(Change.verb == "retention.set")).one()
    assert (change.who, "LINEAGE_RUN_DAYS" in str(change.fields)) == ("owner", True)


def test_last_years_graph_is_still_drawn(client: Browser, intake: Intake, store: Store, passes: Keep) -> None:
    intake.take(*(load(number, 530 - number) for number in range(25)), load(1, 530, "retired"))
    assert passes().removed["edges"] > 0
    then = (NOW - timedelta(days=500)).date()
    url = f"/r/acme/lineage/graph?start=dataset:{store.dataset('shop.sums').id}&as=table"

    for view in ("current", "ever"):
        text = client.get(f"{url}&view={view}&as_of={then}").text
        assert ">load<" in text
        assert ">retired<" in text
