"""Pages of configurations."""

import csv
import io
import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.changes.models import Change
from app.jobs.forms_plans import StepRow, rows_from, steps_of
from app.jobs.plan_text import read, written
from app.jobs.progress.plan import PlannedStep, PlannedValue
from app.realms.models import Realm
from app.refusal import Refused
from tests.browser import Browser
from tests.jobs.tracking import PLAN, STEPS, Program, member

URL = "/r/acme/jobs/configurations"
VALUES = (
    PlannedValue("Score", "number", "%"),
    PlannedValue("Report", "link"),
    PlannedValue("Host name", "text", None, private=True),
)


def test_values_of_a_step_are_one_line_and_back() -> None:
    line = 'Score number %; Report link; "Host name" text private'

    assert written(VALUES) == line
    assert read(line, "values") == VALUES
    assert read("Plain; ;", "values") == (PlannedValue("Plain"),)


def test_steps_are_lines_and_back() -> None:
    steps = (PlannedStep("run", "Run", 8, required=False, metadata=VALUES),)

    assert steps_of([*rows_from(steps), StepRow()]) == steps


@pytest.mark.parametrize("row", [StepRow("a", points="many"), StepRow("a", values='"open')])
def test_a_wrong_line_is_refused_in_its_place(row: StepRow) -> None:
    with pytest.raises(Refused) as refused:
        steps_of([StepRow("fine"), row])

    assert (refused.value.problems[0].field or "").startswith("/steps/1/")


def test_the_list_shows_the_latest_of_each_tag_and_what_is_odd(client: Browser, provider: Program) -> None:
    provider.register()
    provider.register(version="0.9.0")

    page, sheet = client.get(URL).text, client.get(f"{URL}?versions=all&format=csv").text

    assert "1.0.0 is higher" in page
    assert page.count('class="row-link"') == 1
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert [(row["version"], row["latest"], row["provider"]) for row in rows] == [
        ("0.9.0", "True", "clinic"),
        ("1.0.0", "False", "clinic"),
    ]


def test_a_configuration_shows_shares_and_what_changed(client: Browser, provider: Program) -> None:
    first = provider.register().get_json()["id"]
    second = provider.register(version="1.1.0", steps=[STEPS[0], {**STEPS[1], "points": 9}]).get_json()["id"]

    page = client.get(f"{URL}/{second}").text

    assert ">90.0 %<" in page
    assert "steps.run.points" in page
    assert "Changed since 1.0.0" in page
    assert "curl" in page
    assert "Steps and values are the same" in client.get(f"{URL}/{first}?against={first}").text


def test_a_form_registers_a_plan(client: Browser, provider: Program, session: Session) -> None:
    answer = client.post(
        f"{URL}/new",
        {
            "provider": "clinic", "tag": "brain", "version": "1.0.0", "step_tag": ["fetch", "run", ""],
            "step_name": ["Fetch", "", ""], "step_points": ["1", "3", "1"], "step_required": ["yes", "no", "yes"],
            "step_values": ["", "Score number %", ""],
        },
    )  # fmt: skip

    assert answer.status_code == 303
    [known] = provider.get("/configurations?tag=brain").get_json()["items"]
    assert [(step["name"], step["points"], step["required"]) for step in known["steps"]] == [
        ("Fetch", 1, True),
        ("run", 3, False),
    ]
    assert session.scalars(select(Change.verb).order_by(Change.id.desc())).first() == "job_configuration.created"


def test_json_registers_a_plan_or_says_the_line_that_is_wrong(client: Browser, provider: Program) -> None:
    given = {"as": "json", "provider": "clinic"}

    wrong = client.post(f"{URL}/new", {**given, "text": '{"tag": "x",\n"name" "X"}'})
    right = client.post(f"{URL}/new", {**given, "text": json.dumps(PLAN)})

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert "Line 2" in wrong.text
    assert len(provider.get("/configurations").get_json()["items"]) == 1


def test_a_known_version_with_other_content_says_what_differs(client: Browser, provider: Program) -> None:
    provider.register()

    answer = client.post(f"{URL}/new", {"as": "json", "text": json.dumps({**PLAN, "provider": "clinic", "steps": []})})

    assert answer.status_code == 409
    assert "steps.run" in answer.text


def test_an_archived_tag_leaves_the_list_and_comes_back(client: Browser, provider: Program) -> None:
    one = provider.register().get_json()["id"]

    assert client.post(f"{URL}/{one}/archival").status_code == 303
    assert "Nothing matches" not in client.get(URL).text
    assert 'class="row-link"' not in client.get(URL).text
    assert 'class="row-link"' in client.get(f"{URL}?archived=1").text
    assert client.post(f"{URL}/{one}/restoration").status_code == 303
    assert 'class="row-link"' in client.get(URL).text


def test_an_empty_list_teaches_in_three_ways(client: Browser, realm: Realm) -> None:
    assert realm
    page = client.get(URL).text

    assert "http://localhost/api/v1/jobs/configurations" in page
    assert "http://localhost/api/v1/jobs/events" in page
    assert "No configuration yet" in page


def test_customers_see_no_plans_and_providers_their_own(
    visitor: Browser, session: Session, realm: Realm, provider: Program
) -> None:
    one = provider.register().get_json()["id"]
    ann = visitor.as_(member(session, realm, "ann", Role.CUSTOMER, "jobs.read"))
    other = visitor.as_(member(session, realm, "other", Role.PROVIDER, "jobs.read"))

    assert (ann.get(URL).status_code, ann.get(f"{URL}/{one}").status_code) == (403, 403)
    assert (other.get(URL).status_code, other.get(f"{URL}/{one}").status_code) == (200, 404)
    assert 'class="row-link"' not in other.get(URL).text
