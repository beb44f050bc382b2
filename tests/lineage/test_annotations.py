"""What people say about datasets, beside what systems report."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.db import db
from app.jobs.models import Description, Owner, Tag
from app.lineage.models import Dataset, Expectation
from app.lineage.rebuild import rebuild
from app.realms.models import Realm
from tests.browser import Browser
from tests.factories import make_key, make_user
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import facet, run, schema, table

BASE = "/r/acme/lineage/datasets"
ALIAS = facet(identifiers=[{"namespace": "hive://meta:9083", "name": "core.orders", "type": "TABLE"}])
REPORTED: dict[str, Any] = {
    "ownership": facet(owners=[{"name": "team:core", "type": "MAINTAINER"}]),
    "tags": facet(tags=[{"key": "tier", "value": "gold", "source": "dbt"}]),
    "documentation": facet(description="Every order."),
}


@pytest.fixture
def orders(intake: Intake, store: Store) -> str:
    """The page of a dataset that its source described."""
    intake.take(run("r", "load", outputs=[table("shop.orders", schema=schema("id", "email"), **REPORTED)]))
    return f"{BASE}/{store.dataset('shop.orders').id}"


def text(page: str) -> str:
    """Return the words of a page, blanks evened out."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def verbs(session: Session) -> list[str]:
    """Return what people did, in order."""
    return list(session.scalars(select(Change.verb).where(Change.who == "owner").order_by(Change.id)))


def told(client: Browser, url: str) -> str:
    """Return the words of a page."""
    return text(client.get(url).get_data(as_text=True))


def test_a_description_is_shown_beside_the_reported_one_and_taken_back(
    client: Browser, orders: str, session: Session
) -> None:
    assert client.post(f"{orders}/description", {"text": "**Ours**, <b>kept</b>"}).status_code == 303

    page = client.get(orders).get_data(as_text=True)
    assert "<strong>Ours</strong>, &lt;b&gt;kept&lt;/b&gt;" in page
    assert "Every order." in page
    assert "Written by owner" in page
    assert client.post(f"{orders}/description", {"text": " "}).status_code == 303
    assert session.scalars(select(Description)).all() == []
    assert verbs(session) == ["dataset.described", "dataset.described"]


def test_the_same_words_again_are_no_change(client: Browser, orders: str, session: Session) -> None:
    client.post(f"{orders}/description", {"text": "ours"})
    before = len(verbs(session))

    assert client.post(f"{orders}/description", {"text": "ours"}).status_code == 303
    assert len(verbs(session)) == before


def test_an_owner_is_added_and_taken_away_and_the_reported_one_stays(
    client: Browser, orders: str, session: Session
) -> None:
    assert client.post(f"{orders}/owners", {"name": "ana", "type": "steward"}).status_code == 303

    assert re.search(r"ana steward added .*team:core MAINTAINER reported", told(client, orders))
    ana = session.scalars(select(Owner).where(Owner.name == "ana")).one()
    core = session.scalars(select(Owner).where(Owner.name == "team:core")).one()
    assert ana.source == "headwater"
    assert client.post(f"{orders}/owners/{core.id}/deletion").status_code == 404
    assert client.post(f"{orders}/owners/{ana.id}/deletion").status_code == 303
    assert verbs(session) == ["dataset.owned", "dataset.disowned"]


def test_tags_of_the_whole_and_of_a_column_are_kept_apart(client: Browser, orders: str, session: Session) -> None:
    client.post(f"{orders}/tags", {"key": "pii", "column": "email"})
    client.post(f"{orders}/tags", {"key": "tier", "value": "silver"})
    client.post(f"{orders}/tags", {"key": "tier", "value": "bronze"})

    mine = session.scalars(select(Tag).where(Tag.source == "headwater").order_by(Tag.key)).all()
    assert [(tag.key, tag.value, tag.column) for tag in mine] == [("pii", None, "email"), ("tier", "bronze", None)]
    assert re.search(r"tier: gold tier: bronze", told(client, orders))
    assert re.search(r"email pii", told(client, f"{orders}/schema"))
    assert client.post(f"{orders}/tags/{mine[0].id}/deletion").status_code == 303
    assert verbs(session)[-1] == "dataset.untagged"


@pytest.mark.parametrize(
    ("part", "form", "words"),
    [
        ("owners", {"name": " "}, "Enter who answers"),
        ("owners", {"name": "n" * 201}, "at most 200"),
        ("owners", {"name": "a\tb"}, "one line"),
        ("tags", {"key": ""}, "Enter a tag"),
        ("tags", {"key": "k", "value": "v" * 501}, "at most 500"),
        ("description", {"text": "d" * 20_001}, "at most 20,000"),
        ("expectation", {"every_s": "x", "unit": "3600"}, "Not a valid integer"),
        ("expectation", {"every_s": "401", "unit": "86400"}, "a minute to 400 days"),
        ("expectation", {"by": "25:00"}, "a time of day"),
        ("expectation", {"by": "06:30", "zone": "Mars/Olympus"}, "a time zone"),
        ("expectation", {"min_rows": "0"}, "from 1"),
        ("expectation", {"unit": "60"}, "how often"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    client: Browser, orders: str, part: str, form: dict[str, Any], words: str
) -> None:
    answer = client.post(f"{orders}/{part}", form)

    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


def test_an_owner_is_not_added_twice(client: Browser, orders: str) -> None:
    client.post(f"{orders}/owners", {"name": "ana"})

    answer = client.post(f"{orders}/owners", {"name": "ana"})

    assert (answer.status_code, "ana is an owner already" in answer.get_data(as_text=True)) == (422, True)


def test_an_expectation_is_set_changed_and_forgotten(client: Browser, orders: str, session: Session) -> None:
    client.post(f"{orders}/expectation", {"every_s": "2", "unit": "86400"})
    client.post(f"{orders}/expectation", {"by": "06:30", "zone": "Europe/Berlin", "min_rows": "1000", "unit": "60"})

    row = session.scalars(select(Expectation)).one()
    assert (row.every_s, row.by, row.zone, row.min_rows, row.set_by) == (None, "06:30", "Europe/Berlin", 1000, "owner")
    assert "Expected by 06:30 Europe/Berlin, at least 1,000 rows" in told(client, orders)
    assert 'value="06:30"' in client.get(f"{orders}/about").get_data(as_text=True)
    assert client.post(f"{orders}/expectation/deletion").status_code == 303
    assert session.scalars(select(Expectation)).all() == []
    assert verbs(session) == ["dataset.expected"] * 3


def test_a_pinned_name_is_the_one_shown_and_outlives_new_reports(
    client: Browser, intake: Intake, store: Store, session: Session
) -> None:
    alias = run("x", "load", outputs=[table("lake/orders", "s3://lake", symlinks=ALIAS)])
    intake.take(alias)
    home, other = store.dataset("core.orders").id, store.dataset("lake/orders").id

    answer = client.post(f"{BASE}/{home}/name", {"name": str(other)})
    intake.take(alias | {"run": {"runId": "y"}})

    assert (answer.status_code, answer.location) == (303, f"{BASE}/{other}")
    assert store.dataset("core.orders").alias_for_dataset_id == other
    assert client.post(f"{BASE}/{home}/name", {"name": "4711"}).status_code == 422
    client.post(f"{BASE}/{other}/name", {"name": ""})
    assert store.dataset("lake/orders").alias_for_dataset_id == home
    assert verbs(session) == ["dataset.pinned", "dataset.unpinned"]


def test_what_people_said_survives_new_reports(client: Browser, orders: str, intake: Intake, session: Session) -> None:
    client.post(f"{orders}/owners", {"name": "ana"})
    client.post(f"{orders}/tags", {"key": "pii", "column": "email"})
    fewer: dict[str, Any] = {
        "ownership": facet(owners=[]),
        "tags": facet(tags=[]),
        "documentation": facet(_deleted=True),
    }

    intake.take(run("s", "load", minute=9, outputs=[table("shop.orders", **fewer)]))

    assert session.scalars(select(Owner.name)).all() == ["ana"]
    assert session.scalars(select(Tag.key)).all() == ["pii"]


def test_a_reader_sees_no_form_and_may_not_send_one(
    visitor: Browser, orders: str, session: Session, realm: Realm
) -> None:
    reader = visitor.as_(make_user(session, "reader", realm, "lineage.read"))

    assert "/about" not in reader.get(orders).get_data(as_text=True)
    assert reader.get(f"{orders}/about").status_code == 403
    for part in ("description", "owners", "tags", "expectation", "expectation/deletion", "name"):
        assert reader.post(f"{orders}/{part}", {"name": "x"}).status_code == 403


@pytest.fixture
def key(session: Session, realm: Realm) -> str:
    """A key that may write lineage."""
    return make_key(session, make_user(session, "robot", realm, "lineage.write"), realm, "lineage.write")[1]


def api(page: str, more: str = "") -> str:
    """Return the address of a dataset for programs."""
    return f"/api/v1/lineage/datasets/{page.rpartition('/')[2]}{more}"


def test_a_program_says_everything_at_once_and_again_without_a_trace(
    client: Browser, orders: str, key: str, session: Session
) -> None:
    said = {
        "description": "Ours",
        "owners": ["ana", {"name": "bo", "type": "steward"}],
        "tags": ["gold", {"key": "pii", "value": "yes", "column": "email"}],
        "expectation": {"by": "06:30", "zone": "Europe/Berlin"},
    }
    told = client.api("PATCH", api(orders), key, said).get_json()
    rows = len(session.scalars(select(Change.id)).all())
    client.api("PATCH", api(orders), key, said)

    assert (told["description"], told["reported_description"]) == ("Ours", "Every order.")
    assert told["owners"] == ["ana", "bo", "team:core"]
    assert {"key": "pii", "value": "yes", "column": "email", "source": "headwater"} in told["tagged"]
    assert told["fields"][1]["tags"] == ["pii: yes"]
    assert (told["expectation"]["by"], told["expectation"]["every_s"]) == ("06:30", None)
    assert len(session.scalars(select(Change.id)).all()) == rows


def test_lists_replace_what_people_said_and_leave_reports_alone(client: Browser, orders: str, key: str) -> None:
    client.api("PATCH", api(orders), key, {"owners": ["ana", "bo"], "tags": ["gold"], "description": "Ours"})

    told = client.api("PATCH", api(orders), key, {"owners": ["bo"], "tags": [], "description": None}).get_json()

    assert (told["owners"], told["tags"], told["description"]) == (["bo", "team:core"], ["tier: gold"], "Every order.")
    assert told["expectation"] is None


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"owner": []}, "/"),
        ({"owners": [1]}, "/owners/0"),
        ({"tags": [{"key": 5}]}, "/tags/0/key"),
        ({"expectation": {"every_s": 59}}, "/every_s"),
        ({"expectation": {}}, "/every_s"),
        ({"description": 7}, "/description"),
        ([], "/"),
    ],
)
def test_a_bad_body_is_refused_where_it_is_wrong(
    client: Browser, orders: str, key: str, body: object, pointer: str
) -> None:
    answer = client.api("PATCH", api(orders), key, body)

    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, pointer)


def test_what_is_no_json_is_refused(client: Browser, orders: str, key: str) -> None:
    for body in (b"{", b'{"description": "\\ud800"}', b"\xff"):
        answer = client.api("PATCH", api(orders), key, data=body)
        assert answer.status_code == 422, body


def test_a_program_takes_two_names_apart(client: Browser, intake: Intake, store: Store, key: str) -> None:
    intake.take(run("x", "load", outputs=[table("lake/orders", "s3://lake", symlinks=ALIAS)]))
    home = f"/api/v1/lineage/datasets/{store.dataset('core.orders').id}/symlinks"
    link = client.api("GET", home, key).get_json()["items"][0]["id"]

    assert client.api("POST", f"{home}/4711/suppression", key, {"why": "no"}).status_code == 404
    assert client.api("POST", f"{home}/{link}/suppression", key, {"why": ""}).status_code == 422
    told = client.api("POST", f"{home}/{link}/suppression", key, {"why": "another system"}).get_json()

    assert (told["suppressed_by"], told["suppressed_why"]) == ("robot", "another system")
    assert store.dataset("lake/orders").alias_for_dataset_id is None


def test_a_dataset_is_found_by_what_people_say(client: Browser, orders: str) -> None:
    client.post(f"{orders}/owners", {"name": "quarterdeck"})
    client.post(f"{orders}/description", {"text": "A zeppelin of orders."})

    for word in ("quarterdeck", "zeppelin"):
        assert "shop.orders" in client.get(f"/r/acme/search?q={word}").get_data(as_text=True)


def test_what_people_said_survives_a_rebuild(
    client: Browser, intake: Intake, orders: str, session: Session, realm: Realm, tmp_path: Path
) -> None:
    intake.take(run("x", "load", outputs=[table("lake/orders", "s3://lake", symlinks=ALIAS)]))
    lake = session.scalars(select(Dataset.id).where(Dataset.name == "lake/orders")).one()
    client.post(f"{BASE}/{lake}/name", {"name": str(lake)})
    for part, form in (
        ("description", {"text": "ours"}),
        ("owners", {"name": "ana"}),
        ("tags", {"key": "pii", "column": "email"}),
        ("expectation", {"by": "06:30", "unit": "60"}),
        ("archival", {}),
    ):
        assert client.post(f"{orders}/{part}", form).status_code == 303
    with client.app.app_context():
        engine = db.engine
        report = rebuild(lambda: Session(engine), realm.id, tmp_path, check=False)

    assert sum(report.differences.values()) == 0, report.examples
    assert session.scalars(select(Description.text)).all() == ["ours"]
    assert session.scalars(select(Owner.name).where(Owner.source == "headwater")).all() == ["ana"]
    assert session.scalars(select(Tag.key).where(Tag.source == "headwater")).all() == ["pii"]
    assert session.scalars(select(Expectation.by)).all() == ["06:30"]
    assert session.scalars(select(Dataset.archived_by).where(Dataset.name == "shop.orders")).one() == "owner"
    assert session.scalars(select(Dataset.alias_for_dataset_id).where(Dataset.name == "core.orders")).one() == lake


def undone(client: Browser, url: str) -> None:
    """Press Undo on the message of a page."""
    message = re.search(
        r'<div id="flash".*?<form method="post" action="([^"]+)">(.*?)</form>', client.get(url).text, re.DOTALL
    )
    assert message, "no Undo is offered"
    fields = dict(re.findall(r'name="(?!csrf)([^"]+)" value="([^"]*)"', message[2]))
    assert client.post(message[1], fields).status_code == 303


@pytest.mark.parametrize(
    ("form", "fields", "said"),
    [
        ("owners", {"name": "ana", "type": "steward"}, ["ana", "steward"]),
        ("tags", {"key": "pii", "value": "yes", "column": "email"}, ["pii: yes", "email"]),
        ("description", {"text": "Ours."}, ["Ours."]),
    ],
)
def test_what_was_said_is_undone_and_said_again(
    client: Browser, orders: str, session: Session, form: str, fields: dict[str, str], said: list[str]
) -> None:
    def rows() -> int:
        session.rollback()
        mine = [session.scalars(select(model).where(model.source == "headwater")).all() for model in (Owner, Tag)]
        return sum(map(len, mine)) + len(session.scalars(select(Description)).all())

    client.post(f"{orders}/{form}", fields)
    undone(client, f"{orders}/about")
    assert rows() == 0
    undone(client, f"{orders}/about")
    assert rows() == 1
    assert all(word in told(client, f"{orders}/about") for word in said)
