"""Why may somebody, or why not: the matrix, one question, and the words of a refusal."""

import random
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.db import utcnow
from app.realms.capabilities import Held, RealmFacts, Standing
from app.realms.models import Realm
from app.web.identity import Identity
from tests.browser import Browser
from tests.factories import make_app, make_deactivated, make_grant, make_key, make_user
from tests.realms.test_commands import run

URL, API = "/r/acme/realms/access", "/api/v1/realms/access"
DAY = timedelta(days=1)


def test_a_question_shows_every_line_and_the_grant_that_decided(
    client: Browser, session: Session, realm: Realm, member: User
) -> None:
    row = make_grant(session, member, realm, "report", from_=utcnow() + DAY)

    now = client.get(f"{URL}?user=member&cap=lineage.read")
    then = client.get(f"{URL}?user=member&cap=lineage.read&at={(utcnow() + 2 * DAY):%Y-%m-%dT%H:%M}")

    assert "member may not lineage.read" in now.text
    assert "Granted only from" in now.text
    assert f"/changes/capgrant/{row.id}" in now.text
    assert "Grant what is missing" in now.text
    assert "It can be granted by owner." in now.text
    assert "member may lineage.read" in then.text
    assert "Holds report, which implies lineage.read." in then.text


def test_the_refusal_says_what_the_question_says(client: Browser, visitor: Browser, member: User) -> None:
    refused = visitor.as_(member).get("/r/acme/changes").text
    asked = client.get(f"{URL}?user=member&cap=report").text

    def lines(page: str) -> list[str]:
        return re.findall(r'<td class="why">([^<]+)', page)

    assert lines(refused) == lines(asked) != []
    assert "This needs report." in refused
    assert "owner" in refused


def test_programs_get_the_same_answer(
    visitor: Browser, session: Session, realm: Realm, owner: User, member: User, rules: str
) -> None:
    key = make_key(session, owner, realm, "root")[1]
    make_grant(session, member, realm, rules, app=make_app(session, realm, "Shop1"))
    make_app(session, realm, "Shop2")

    found = visitor.api("GET", f"{API}?user=member&cap={rules}&app=SHOP2", key).get_json()

    assert (found["allow"], found["reason"], found["can_grant"]) == (False, "other_app", ["owner"])
    assert [line["check"] for line in found["checks"]] == [
        *("account", "realm", "person", "key", "scope", "grant", "app"),
    ]
    assert found["checks"][-1]["detail"] == "Held on shop1, not on shop2."


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("user=nobody&cap=nosuch&app=none", ["unknown_user", "unknown_cap", "unknown_app"]),
        ("user=stranger&cap=report", ["unknown_user"]),
        ("user=owner&cap=report&at=year", ["bad_time"]),
        ("", ["unknown_user", "unknown_cap"]),
    ],
)
def test_what_the_realm_does_not_know_is_named(
    visitor: Browser, session: Session, realm: Realm, owner: User, stranger: User, query: str, codes: list[str]
) -> None:
    del stranger
    answered = visitor.api("GET", f"{API}?{query}", make_key(session, owner, realm, "root")[1])

    assert answered.status_code == 422
    assert [one["code"] for one in answered.get_json()["errors"]] == codes


def test_everybody_sees_their_own_and_nobody_elses(visitor: Browser, member: User) -> None:
    browser = visitor.as_(member)

    assert browser.get(f"{URL}?format=json").get_json()["items"][0]["user"] == "member"
    assert len(browser.get(f"{URL}?format=json").get_json()["items"]) == 1
    assert browser.get(f"{URL}?user=member&cap=root").status_code == 200
    refused = browser.get(f"{URL}?user=owner&cap=root")
    assert (refused.status_code, "you see only your own" in refused.text) == (403, True)


def test_the_matrix_gives_a_reason_in_each_cell_with_constant_statements(
    client: Browser, session: Session, realm: Realm, member: User
) -> None:
    make_grant(session, member, realm, "lineage.write")
    make_grant(session, member, realm, "config", to=utcnow() - DAY)
    blocked = make_user(session, "blocked", realm, "report")
    make_deactivated(session, realm, blocked)
    few = client.statements(URL)
    for number in range(10):
        make_user(session, f"user{number}", realm, "report", "config")

    cells = {row["user"]: row for row in client.get(f"{URL}?format=json").get_json()["items"]}

    assert cells["owner"]["config"] == "root"
    told = cells["member"]
    assert (told["lineage.read"], told["config"], told["auth"]) == ("lineage.write", "window_closed", "capability")
    assert cells["blocked"]["report"] == "deactivated"
    assert client.statements(URL) == few
    assert set(client.get(f"{URL}?format=json&cap=auth&user=member").get_json()["items"][0]) == {"user", "auth"}


def test_a_thousand_questions_are_answered_as_the_rules_say() -> None:
    chance, now = random.Random(5), utcnow()
    caps = ["root", "report", "auth", "lineage.read", "lineage.write", "schema", "rules"]
    for _ in range(1_000):
        held = [
            (chance.choice(caps), chance.choice([None, "a", "b"]), chance.choice([-9, 1]), chance.choice([-1, 3, 9]))
            for _ in range(chance.randrange(5))
        ]
        rows = [Held(n, cap, on, now + f * DAY, now + t * DAY) for n, (cap, on, f, t) in enumerate(held)]
        blocked = chance.random() < 0.1
        cap, asked, later = chance.choice(caps), chance.choice(["a", "b", None]), chance.randrange(12)
        standing = Standing(
            Identity(1, "ann", "Ann"), RealmFacts(1, "acme", "Acme"), now + later * DAY, is_member=True,
            held=tuple(rows), deactivated=("owner", now) if blocked else None,
        )  # fmt: skip
        fits = [one for one in held if _reaches(one[0], cap) and (None in (one[1], asked) or one[1] == asked)]

        assert standing.holds(cap, app=asked) is (not blocked and any(f <= later < t for _, _, f, t in fits))


def _reaches(held: str, cap: str) -> bool:
    reads = cap.endswith(".read") and held in ("report", cap.replace(".read", ".write"))
    return held in ("root", cap) or reads


def test_the_command_prints_the_same_reason(app: Flask, session: Session, realm: Realm, member: User) -> None:
    make_grant(session, member, realm, "config", to=utcnow() - DAY)

    told = run(app, "realms", "why", "acme", "member", "config")

    assert told.exit_code == 0
    assert told.stdout.splitlines()[0] == "window_closed"
    assert "no   grant    Granted only until" in told.stdout
    assert run(app, "realms", "why", "acme", "nobody", "config").exit_code == 1
    before = run(app, "realms", "why", "acme", "member", "config", "--at", f"{utcnow() - 2 * DAY:%Y-%m-%d}")
    assert before.stdout.splitlines()[0] == "capability"


def test_the_lines_of_a_key_and_of_another_app_stand_in_their_order() -> None:
    held = Held(3, "schema", "x", None, None)
    standing = Standing(
        Identity(1, "ann", "Ann"), RealmFacts(1, "acme", "Acme"), utcnow(), is_member=True, held=(held,)
    )

    assert [(line.check, line.ok) for line in standing.explain("schema", "y")][-2:] == [("grant", True), ("app", False)]
