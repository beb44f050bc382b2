"""Tags and owners as such: which there are, how much carries them, and other names for them."""

import csv
import io
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.models import Change
from app.jobs.models import Owner, Tag
from app.realms.models import Realm
from tests.browser import Browser
from tests.factories import make_user
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import facet, run, table

TAGS, OWNERS = "/r/acme/lineage/tags", "/r/acme/lineage/owners"
ROW = re.compile(r'class="row-link"[^>]*title="([^"]*)"')


@pytest.fixture
def story(intake: Intake, session: Session, realm: Realm, store: Store) -> None:
    """Tags and owners that systems report, and some that people added beside them."""
    orders = table(
        "shop.orders",
        tags=facet(tags=[{"key": "pii"}, {"key": "pii", "field": "email"}, {"key": "gold"}]),
        ownership=facet(owners=[{"name": "team:shop"}]),
    )
    owners = {"ownership": facet(owners=[{"name": "team:shop"}])}
    intake.take(run("a", "load", outputs=[orders, table("shop.items"), table("shop.carts")], job_facets=owners))
    for name in ("shop.items", "shop.carts"):
        here = {"realm_id": realm.id, "kind": "dataset", "entity_id": store.dataset(name).id, "source": "headwater"}
        session.add_all([Tag(key="sensitive", **here), Owner(name="bob", **here)])
    session.add(
        Tag(realm_id=realm.id, kind="dataset", entity_id=store.dataset("shop.carts").id, key="gold", source="headwater")
    )
    session.commit()


@pytest.mark.usefixtures("story")
def test_tags_are_listed_with_how_much_carries_them(client: Browser) -> None:
    rows = list(csv.reader(io.StringIO(client.get(f"{TAGS}?format=csv").get_data(as_text=True))))

    assert rows == [
        ["name", "datasets", "columns", "jobs", "added_by_people"],
        ["gold", "2", "0", "0", "1"],
        ["pii", "1", "1", "0", "0"],
        ["sensitive", "2", "0", "0", "2"],
    ]
    assert ROW.findall(client.get(TAGS).get_data(as_text=True)) == ["gold", "pii", "sensitive"]


@pytest.mark.usefixtures("story")
def test_owners_are_listed_and_lead_to_what_is_theirs(client: Browser) -> None:
    items = client.get(f"{OWNERS}?format=json").get_json()["items"]
    page = client.get(f"{OWNERS}?q=shop").get_data(as_text=True)

    assert [(row["name"], row["datasets"], row["jobs"]) for row in items] == [("bob", 2, 0), ("team:shop", 1, 1)]
    assert ROW.findall(page) == ["team:shop"]
    assert "/r/acme/lineage/datasets?owner=team:shop" in page


@pytest.mark.usefixtures("story")
def test_pages_of_names_have_no_gap(client: Browser) -> None:
    first = client.get(f"{TAGS}?limit=2").get_data(as_text=True)
    following = re.search(r'rel="next" href="([^"]+)"', first)

    assert following
    assert ROW.findall(first) + ROW.findall(client.get(following[1]).get_data(as_text=True)) == [
        "gold",
        "pii",
        "sensitive",
    ]


@pytest.mark.usefixtures("story")
def test_a_renaming_shows_what_it_would_do_and_does_it(client: Browser, session: Session, store: Store) -> None:
    shown = client.get(f"{TAGS}/renaming?name=sensitive&into=gold").get_data(as_text=True)
    assert "2 datasets and jobs get" in shown
    assert "1 carries both" in shown

    assert client.post(f"{TAGS}/renaming", data={"name": "sensitive", "into": "gold"}).status_code == 303

    added = select(Tag.entity_id, Tag.key).where(Tag.source == "headwater").order_by(Tag.entity_id)
    assert [tuple(row) for row in session.execute(added)] == [
        (store.dataset("shop.items").id, "gold"),
        (store.dataset("shop.carts").id, "gold"),
    ]
    told = session.scalars(select(Change.verb).where(Change.verb.in_(("tag.renamed", "dataset.tagged")))).all()
    assert sorted(told) == ["dataset.tagged", "dataset.tagged", "tag.renamed"]
    assert "shop.items" in client.get("/r/acme/search?q=tag:gold").get_data(as_text=True)
    assert "shop.items" not in client.get("/r/acme/search?q=tag:sensitive").get_data(as_text=True)


@pytest.mark.usefixtures("story")
def test_what_systems_report_keeps_its_name(client: Browser, session: Session) -> None:
    assert "no person added it" in client.get(f"{TAGS}/renaming?name=pii&into=x").get_data(as_text=True)
    assert client.post(f"{TAGS}/renaming", data={"name": "pii", "into": "x"}).status_code == 422
    assert client.post(f"{OWNERS}/renaming", data={"name": "bob", "into": "alice"}).status_code == 303

    names = set(session.scalars(select(Owner.name)))
    assert names == {"team:shop", "alice"}


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(("into", "status"), [("sensitive", 422), ("a" * 201, 422), ("", 422), ("ok", 303)])
def test_a_name_that_is_none_is_refused(client: Browser, into: str, status: int) -> None:
    assert client.post(f"{TAGS}/renaming", data={"name": "sensitive", "into": into}).status_code == status


@pytest.mark.usefixtures("story")
def test_an_unknown_name_is_not_there(client: Browser) -> None:
    assert client.get(f"{TAGS}/renaming?name=nothing").status_code == 404
    assert client.get(f"{TAGS}/renaming?name=nothing&into=x").status_code == 404
    assert client.post(f"{TAGS}/renaming", data={"name": "nothing", "into": "x"}).status_code == 404


@pytest.mark.usefixtures("story")
def test_readers_rename_nothing_and_strangers_see_nothing(
    visitor: Browser, session: Session, realm: Realm, stranger: User
) -> None:
    reader = visitor.as_(make_user(session, "reader", realm, "lineage.read"))
    assert "Rename" not in reader.get(TAGS).get_data(as_text=True)
    assert reader.post(f"{TAGS}/renaming", data={"name": "sensitive", "into": "x"}).status_code == 403

    other = visitor.as_(stranger)
    for path in ("tags", "owners", "datasets"):
        page = other.get(f"/r/globex/lineage/{path}").get_data(as_text=True)
        assert "pii" not in page
        assert "team:shop" not in page


def test_an_empty_realm_is_told_how_they_come(client: Browser) -> None:
    assert "No tags yet" in client.get(TAGS).get_data(as_text=True)
    assert "No owners yet" in client.get(OWNERS).get_data(as_text=True)
    assert "Nothing matches" in client.get(f"{OWNERS}?q=x").get_data(as_text=True)


@pytest.mark.usefixtures("story")
def test_statements_do_not_grow_with_names(client: Browser, intake: Intake) -> None:
    few = client.statements(TAGS)
    intake.take(run("b", "x", outputs=[table("t", tags=facet(tags=[{"key": f"k{n}"} for n in range(30)]))]))

    assert client.statements(TAGS) == few <= 6
