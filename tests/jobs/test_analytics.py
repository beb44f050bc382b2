"""Analytics and the report as pages."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.jobs.models import JobConfiguration, Run
from app.jobs.stacked import stacked
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.jobs.tracking import member

URL = "/r/acme/jobs/analytics"


@pytest.fixture
def provider(session: Session, realm: Realm) -> User:
    """Issues runs in ``acme``."""
    return member(session, realm, "imaging", Role.PROVIDER, "jobs.read")


@pytest.fixture
def runs(session: Session, realm: Realm, provider: User) -> list[Run]:
    """Runs of two years and two plans; one begins in another month by a clock in the east."""
    ann = member(session, realm, "ann", Role.CUSTOMER, "jobs.read")
    plans = [factories.make_configuration(session, realm, provider, tag=tag) for tag in ("lung", "=brain")]
    east = timezone(timedelta(hours=9))
    told: list[tuple[JobConfiguration, datetime, str]] = [
        (plans[0], datetime(2025, 3, 1, 8, tzinfo=east), "completed"),
        (plans[0], datetime(2025, 3, 1, 10, tzinfo=east), "failed"),
        (plans[1], datetime(2025, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), "completed"),
        (plans[1], datetime(2026, 1, 1, tzinfo=UTC), "completed"),
    ]
    return [
        factories.make_tracked_run(
            session, provider, plan, external_id=str(index), began_at=began, status=status,
            ended_at=began + timedelta(seconds=60 * (index + 1)), customer_id=ann.id if index else None,
        )
        for index, (plan, began, status) in enumerate(told)
    ]  # fmt: skip


def table(browser: Browser, query: str) -> list[dict[str, str]]:
    """Return the file behind a chart."""
    return list(csv.DictReader(io.StringIO(browser.get(f"{URL}?format=csv&{query}").text)))


def test_columns_stand_on_each_other_and_end_at_round_numbers() -> None:
    chart = stacked([[3, 1], [0, 0], [0, 7]], height=100)

    assert chart.ticks == [8, 6, 4, 2, 0]
    [first, second] = chart.columns[0]
    assert (first.y + first.height, second.y + second.height) == (100, first.y)
    assert second.y == pytest.approx(50)
    assert chart.columns[1] == []


@pytest.mark.parametrize(
    ("by", "march"),
    [
        ("configuration", {"lung": 1, "'=brain": 0}),
        ("customer", {"ann": 1, "without customer": 0}),
        ("status", {"completed": 0, "failed": 1}),
        ("integration", {"tracked": 1}),
    ],
)
def test_counts_are_those_of_the_rows(client: Browser, runs: list[Run], by: str, march: dict[str, int]) -> None:
    rows = table(client, f"year=2025&by={by}")

    counted = Counter(f"{run.began_at.astimezone(UTC):%Y-%m}" for run in runs)
    assert {row["month"]: int(row["runs"]) for row in rows if row["runs"] != "0"} == {
        month: number for month, number in counted.items() if month.startswith("2025")
    }
    assert {name: int(rows[2][name]) for name in march} == march
    assert rows[2]["success"] == "0.0"


def test_only_years_with_runs_are_offered_and_the_last_is_shown(client: Browser, runs: list[Run]) -> None:
    assert runs
    page = client.get(URL).text

    assert "<option selected>2026</option>" in page
    assert "<option>2025</option>" in page
    assert page.count("<option") == 2 + 4
    assert ">January<" in page


def test_durations_and_steps_are_told(client: Browser, session: Session, runs: list[Run]) -> None:
    began = runs[0].began_at
    factories.make_step(
        session, runs[0], "fetch", 0, "completed", started_at=began, ended_at=began + timedelta(hours=2)
    )

    page = client.get(f"{URL}?year=2025").text

    assert "2 h" in page
    assert ">66.7 %<" in page.replace("\n", "")


def test_a_provider_counts_his_own_and_customers_nothing(
    visitor: Browser, session: Session, realm: Realm, runs: list[Run]
) -> None:
    assert runs
    other = visitor.as_(member(session, realm, "other", Role.PROVIDER, "jobs.read"))
    bob = visitor.as_(member(session, realm, "bob", Role.CUSTOMER, "jobs.read"))

    assert "No runs yet" in other.get(URL).text
    for page in (URL, "/r/acme/jobs/report"):
        assert bob.get(page).status_code == 403


@pytest.mark.parametrize("query", ["year=x", "year=99999", "by=month"])
def test_a_bad_question_is_refused(client: Browser, realm: Realm, query: str) -> None:
    assert realm
    assert client.get(f"{URL}?{query}").status_code == 422


def test_the_report_begins_at_its_start_and_ends_before_its_end(
    client: Browser, session: Session, runs: list[Run]
) -> None:
    for sequence in (10, 20, 30):
        factories.make_event(session, runs[3], sequence, name='=A1, "quoted"\nline', event_metadata='{"b": 1, "a": 2}')
    query = "start=2026-01-01T00:00:10Z&end=2026-01-01T00:00:30Z"

    page = client.get(f"/r/acme/jobs/report?{query}").text
    rows = list(csv.DictReader(io.StringIO(client.get(f"/r/acme/jobs/report?{query}&format=csv").text)))

    assert "2 lines" in page
    assert [row["occurred_at"] for row in rows] == ["2026-01-01T00:00:10Z", "2026-01-01T00:00:20Z"]
    assert rows[0]["name"] == '\'=A1, "quoted"\nline'
    assert rows[0]["metadata"] == '{"b": 1, "a": 2}'


def test_both_empty_reports_say_so(client: Browser, realm: Realm) -> None:
    assert realm
    assert "No runs yet" in client.get("/r/acme/jobs/report").text
    assert "Nothing matches" in client.get("/r/acme/jobs/report?tag=x").text
