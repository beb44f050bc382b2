"""The rules of noise and grouping: listed with what they match, tried before saving, changed with a trace."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.models import Change
from app.lineage.models import GraphRule
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import run, table

URL = "/r/acme/lineage/rules"
LAKE = "s3://lake"


@pytest.fixture
def lake(intake: Intake) -> Intake:
    """Three partitions of orders, and one temporary table."""
    days = [table(f"orders/day=2026-03-0{day}", LAKE) for day in (1, 2, 3)]
    intake.take(run("r1", "j1", inputs=days, outputs=[table("tmp_x"), table("final")]))
    return intake


def rules(session: Session) -> list[tuple[str, str, int, bool]]:
    return [
        (rule.kind, rule.pattern, rule.position, rule.enabled)
        for rule in session.scalars(select(GraphRule).order_by(GraphRule.kind, GraphRule.position))
    ]


def verbs(session: Session) -> list[str]:
    return [row.verb for row in session.scalars(select(Change).order_by(Change.id)) if row.kind == "graph_rule"]


def counts(client: Browser) -> dict[str, Any]:
    found = client.get(f"{URL}?format=json").get_json()
    return {item["pattern"]: item["datasets"] for item in found["items"]}


def add(client: Browser, kind: str, pattern: str, name: str = "", status: int = 303) -> Any:
    answer = client.post(URL, {"kind": kind, "pattern": pattern, "name": name})
    assert answer.status_code == status
    return answer


@pytest.mark.usefixtures("lake")
def test_the_defaults_are_listed_with_what_they_match_now(client: Browser) -> None:
    assert "default" in client.get(URL).text
    found = counts(client)
    assert (found["**/{key}=*"], found["**/tmp_*"], found["inmemory:**"]) == (3, 1, 0)
    assert "kind,pattern,name" in client.get(f"{URL}?format=csv").text


@pytest.mark.usefixtures("lake")
def test_a_pattern_is_tried_before_it_is_saved(client: Browser, session: Session) -> None:
    page = client.get(f"{URL}?kind=group&pattern=**/orders/day%3D*").text
    assert "matches <strong" in page
    assert "3 partitions" in page
    assert rules(session) == []
    assert "no {day}" in client.get(f"{URL}?kind=group&pattern={{day}}").text
    assert "Say what varies" in client.get(f"{URL}?kind=group&pattern=orders").text


@pytest.mark.usefixtures("lake")
def test_a_rule_is_added_changed_moved_and_deleted_with_a_trace(client: Browser, session: Session) -> None:
    add(client, "noise", "**/one_*", "First")
    add(client, "noise", "**/two_*")
    assert rules(session) == [("noise", "**/one_*", 1, True), ("noise", "**/two_*", 2, True)]
    ids = [rule.id for rule in session.scalars(select(GraphRule).order_by(GraphRule.id))]
    assert client.post(f"{URL}/{ids[1]}/position", {"direction": "up"}).status_code == 303
    assert [row[1] for row in rules(session)] == ["**/two_*", "**/one_*"]
    assert client.post(f"{URL}/{ids[0]}", {"pattern": "**/final", "name": "Last"}).status_code == 303
    assert counts(client)["**/final"] == 1
    assert "Last" in client.get(f"{URL}/{ids[0]}").text
    assert client.post(f"{URL}/{ids[0]}/deletion").status_code == 303
    assert [row[1] for row in rules(session)] == ["**/two_*"]
    assert verbs(session) == [
        "graph_rule.added", "graph_rule.added", "graph_rule.moved", "graph_rule.changed", "graph_rule.deleted"
    ]  # fmt: skip


def test_a_default_is_switched_off_and_comes_back(client: Browser, session: Session) -> None:
    given = {"kind": "noise", "pattern": "**/tmp_*", "enabled": "0"}
    assert client.post(f"{URL}/switching", given).status_code == 303
    assert rules(session) == [("noise", "**/tmp_*", 1, False)]
    rule = session.scalars(select(GraphRule)).one()
    assert "Back to the default" in client.get(URL).text
    assert client.post(f"{URL}/switching", given | {"enabled": "1"}).status_code == 303
    assert rules(session) == [("noise", "**/tmp_*", 1, True)]
    assert client.post(f"{URL}/{rule.id}/deletion").status_code == 303
    assert counts(client)["**/tmp_*"] == 0


@pytest.mark.parametrize(
    ("kind", "pattern", "words"),
    [
        ("group", "", "1 to 500"),
        ("group", "orders/**", "Say what varies"),
        ("noise", "a[b", "Brackets"),
        ("other", "*", "Use one of"),
    ],
)
def test_what_cannot_be_a_rule_is_told_at_its_field(client: Browser, kind: str, pattern: str, words: str) -> None:
    assert words in add(client, kind, pattern, status=422).text


def test_a_pattern_is_taken_once_and_a_realm_has_at_most_a_hundred(
    client: Browser, session: Session, realm: Realm
) -> None:
    add(client, "noise", "a")
    assert "already" in add(client, "noise", "a", status=422).text
    more = [GraphRule(realm_id=realm.id, kind="noise", pattern=f"p{n}", name="x", position=n) for n in range(99)]
    session.add_all(more)
    session.commit()
    assert "at most 100" in add(client, "noise", "b", status=422).text


def test_unknown_rules_and_words_are_refused(client: Browser) -> None:
    assert client.post(f"{URL}/4000000/deletion").status_code == 404
    assert client.post(f"{URL}/4000000", {"pattern": "a"}).status_code == 404
    assert client.get(f"{URL}/4000000").status_code == 404
    assert client.post(f"{URL}/switching", {"kind": "noise", "pattern": "x", "enabled": "1"}).status_code == 404
    assert client.post(f"{URL}/switching", {"kind": "noise", "pattern": "x"}).status_code == 422


def test_who_may_only_read_sees_the_rules_and_changes_none(
    visitor: Browser, session: Session, realm: Realm, member: User
) -> None:
    factories.make_grant(session, member, realm, "lineage.read")
    reader = visitor.as_(member)
    assert "Switch off" not in reader.get(URL).text
    assert reader.post(URL, {"kind": "noise", "pattern": "a"}).status_code == 403
