"""Lists of schemas and columns, and schemas compared."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lineage.models import FieldUse, Schema, SchemaField
from app.realms.models import Realm
from tests.browser import Browser
from tests.factories import make_key, make_user
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import Json, facet, run, table

BASE = "/r/acme/lineage"


def fields(*items: tuple[str, str] | tuple[str, str, str]) -> Json:
    """Return a schema facet of (name, type) or (name, type, description)."""
    return facet(fields=[dict(zip(("name", "type", "description"), item, strict=False)) for item in items])


def text(page: str) -> str:
    """Return the words of a page, blanks evened out."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.fixture
def told(intake: Intake) -> None:
    """Two tables share a schema, one of them got another."""
    one = fields(("id", "int"), ("mail", "text"), ("city", "text"))
    two = fields(("id", "bigint"), ("email", "text"), ("city", "text", "Where"), ("age", "int"))
    intake.take(run("r0", "load", outputs=[table("a", schema=one), table("b", schema=one)]))
    intake.take(run("r1", "load", minute=10, outputs=[table("a", schema=two)]))


@pytest.mark.usefixtures("told")
def test_columns_are_listed_by_name_with_each_type_and_their_datasets(client: Browser) -> None:
    items = client.get(f"{BASE}/columns?format=json").get_json()["items"]

    assert [(one["name"], one["type"], one["datasets"]) for one in items] == [
        ("age", "int", 1), ("city", "text", 2), ("email", "text", 1), ("id", "int", 1), ("id", "bigint", 1),
        ("mail", "text", 1),
    ]  # fmt: skip
    page = text(client.get(f"{BASE}/columns").get_data(as_text=True))
    assert re.search(r"age int 1 .*city text 2 .*mail text 1", page)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=mai", ["email", "mail"]),
        ("name=id", ["id", "id"]),
        ("name=id&type=int", ["id"]),
        ("type=int", ["age", "id"]),
        ("since=2026-03-02T09:05:00Z", ["age", "city", "email", "id"]),
        ("since=2026-03-03", []),
        ("q=%25", []),
        ("sort=-name&type=text", ["mail", "email", "city"]),
    ],
)
def test_columns_are_filtered(client: Browser, query: str, names: list[str]) -> None:
    found = client.get(f"{BASE}/columns?{query}&format=json").get_json()["items"]

    assert [one["name"] for one in found] == names
    if not names:
        assert "Nothing matches" in client.get(f"{BASE}/columns?{query}").get_data(as_text=True)


@pytest.mark.usefixtures("told")
def test_schemas_are_listed_newest_first_and_filtered(client: Browser) -> None:
    items = client.get(f"{BASE}/schemas?format=json").get_json()["items"]
    by_column = client.get(f"{BASE}/schemas?column=mail&format=json").get_json()["items"]
    by_type = client.get(f"{BASE}/schemas?type=bigint&format=json").get_json()["items"]
    lately = client.get(f"{BASE}/schemas?since=2026-03-02T09:05:00Z&format=json").get_json()["items"]

    assert [(one["fields"], one["datasets"]) for one in items] == [(4, 1), (3, 1)]
    assert [by_column[0]["fields"], by_type[0]["fields"], lately[0]["fields"]] == [3, 4, 4]
    assert [len(by_column), len(by_type), len(lately)] == [1, 1, 1]


def test_lists_say_when_nothing_is_there_yet(client: Browser) -> None:
    for name in ("columns", "schemas"):
        assert f"No {name} yet" in client.get(f"{BASE}/{name}").get_data(as_text=True)
        assert client.get(f"{BASE}/{name}?since=yesterday").status_code == 422


@pytest.mark.usefixtures("told")
def test_two_schemas_are_compared_with_a_guessed_rename_marked(client: Browser, session: Session, realm: Realm) -> None:
    old, new = session.scalars(select(Schema.id).order_by(Schema.id))
    page = text(client.get(f"{BASE}/schemas/{new}?against={old}").get_data(as_text=True))
    _, key = make_key(session, make_user(session, "robot", realm, "lineage.read"), realm, "lineage.read")
    told = client.api("GET", f"/api/v1/lineage/schemas/{new}?against={old}", key).get_json()

    assert re.search(r"email renamed, a guess mail email", page)
    assert [(one["change"], one["path"], one["guess"]) for one in told["differences"]] == [
        ("renamed", "email", True), ("added", "age", False), ("type", "id", False), ("description", "city", False),
    ]  # fmt: skip
    assert [one["name"] for one in told["datasets"]] == ["a"]
    assert client.get(f"{BASE}/schemas/{new}?against=4711").status_code == 404
    assert client.get(f"{BASE}/schemas/{new}?against=x").status_code == 422
    assert [one["name"] for one in client.api("GET", "/api/v1/lineage/columns?q=mail", key).get_json()["items"]] == [
        "email",
        "mail",
    ]


@pytest.mark.usefixtures("told")
def test_any_two_versions_of_a_dataset_are_compared_and_name_their_run(client: Browser, store: Store) -> None:
    url = f"{BASE}/datasets/{store.dataset('a').id}/schema"
    page = client.get(url).get_data(as_text=True)
    ids = re.findall(r'<option value="(\d+)"', page)[:2]

    assert "brought by" in text(page)
    back = text(client.get(f"{url}?version={ids[1]}&against={ids[0]}").get_data(as_text=True))
    assert re.search(r"age removed int —", back)


def test_a_type_repeated_by_many_tables_is_kept_once(intake: Intake, session: Session) -> None:
    nested = facet(fields=[{"name": "place", "type": "struct", "fields": [{"name": "zip", "type": "text"}]}])
    for number in range(3):
        intake.take(run(f"r{number}", "load", minute=number, outputs=[table(f"t{number}", schema=nested)]))

    assert [row.name for row in session.scalars(select(SchemaField).order_by(SchemaField.name))] == [
        "place",
        "place.zip",
    ]
    assert len(session.scalars(select(FieldUse)).all()) == 2
