"""The page a realm opens with."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.realms.models import Realm
from tests.browser import Browser
from tests.factories import make_user
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import facet, run, table

URL = "/r/acme/overview"


def ago(**past: float) -> dict[str, Any]:
    """Return the time of an event so long ago."""
    return {"eventTime": (datetime.now(UTC) - timedelta(**past)).isoformat()}


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.fixture
def story(intake: Intake) -> None:
    """One run runs, three fail for two causes, a nightly table stays away, one check fails."""
    timeout = facet(message="connection timed out\nat host 7", programmingLanguage="PYTHON")
    other = facet(message="disk full", programmingLanguage="PYTHON")
    failed = facet(assertions=[{"assertion": "unique", "success": False, "column": "id"}])
    intake.take(
        run("r", "crunch", "START", **ago(minutes=5)),
        run("f1", "load_a", "FAIL", facets={"errorMessage": timeout}, **ago(hours=2)),
        run("f2", "load_b", "FAIL", facets={"errorMessage": timeout}, **ago(hours=1)),
        run("f3", "load_c", "FAIL", facets={"errorMessage": other}, **ago(hours=3)),
        run("f4", "old", "FAIL", facets={"errorMessage": other}, **ago(hours=30)),
        run("q", "check", outputs=[table("shop.checked", dataQualityAssertions=failed)], **ago(hours=4)),
        *[
            run(f"n{day}", "nightly", outputs=[table("shop.nightly", counts={"rowCount": 7})], **ago(days=day))
            for day in range(4, 12)
        ],
    )


@pytest.mark.usefixtures("story")
def test_the_realm_opens_with_what_needs_a_look(client: Browser) -> None:
    page = text(client.get(URL).get_data(as_text=True))

    assert re.search(r"Running now 1 ", page)
    assert re.search(r"Failed in 24 h 3 2 causes", page)
    assert re.search(r"connection timed out load_b .*and 1 more", page)
    assert re.search(r"Late 1 .*shop\.nightly written 4 d ago ?, usually every 1 d", page)
    assert re.search(r"Failing checks 1 .*shop\.checked unique id", page)
    assert re.search(r"Runs per day 14 in 30 days", page)


@pytest.mark.usefixtures("story")
def test_the_address_of_a_realm_leads_to_it(client: Browser) -> None:
    assert client.get("/r/acme/").location == URL


def test_an_empty_realm_shows_how_to_begin(client: Browser) -> None:
    page = client.get(URL).get_data(as_text=True)

    for words in ("curl http://localhost/api/v1/lineage", "AIRFLOW__OPENLINEAGE__TRANSPORT", "spark-submit", "dbt-ol"):
        assert words in page


@pytest.mark.usefixtures("story")
def test_somebody_who_sees_no_runs_sees_none_here(visitor: Browser, session: Session, realm: Realm) -> None:
    customer = visitor.as_(make_user(session, "customer", realm, "jobs.read"))

    page = text(customer.get(URL).get_data(as_text=True))

    assert "load_b" not in page
    assert re.search(r"Runs per day 0 in 30 days", page)
    assert "shop." not in page
    assert "Late datasets" not in page
    assert "Failing checks" not in page


@pytest.mark.usefixtures("story")
def test_statements_do_not_grow_with_runs(client: Browser, intake: Intake) -> None:
    few = client.statements(URL)
    intake.take(*[run(f"m{n}", f"job_{n}", "FAIL", outputs=[table(f"t{n}")], **ago(minutes=n)) for n in range(40)])

    assert client.statements(URL) == few


@pytest.mark.usefixtures("story")
def test_nothing_of_another_realm_shows(visitor: Browser, stranger: object) -> None:
    page = visitor.as_(stranger).get("/r/globex/overview").get_data(as_text=True)  # type: ignore[arg-type]

    assert "load_a" not in page
    assert visitor.as_(stranger).get(URL).status_code == 404  # type: ignore[arg-type]
