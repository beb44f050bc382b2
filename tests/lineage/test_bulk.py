"""A tag or an owner for many datasets at once."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.jobs.models import Owner, Tag
from app.lineage.actions import bulk
from app.realms.models import Realm
from tests.browser import Browser
from tests.factories import make_user
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import facet, run, table

LIST = "/r/acme/lineage/datasets"
URL = f"{LIST}/annotation"
ALIAS = facet(identifiers=[{"namespace": "hive://meta:9083", "name": "core.orders", "type": "TABLE"}])


@pytest.fixture
def story(intake: Intake) -> None:
    """Three tables and one that has two names."""
    tables = [table(f"shop.t{n}") for n in range(3)]
    intake.take(run("a", "load", outputs=[*tables, table("lake/orders", "s3://lake", symlinks=ALIAS)]))


def tagged(session: Session, store: Store) -> dict[str, set[str]]:
    """Return the names of datasets by the tag that people gave them."""
    names = {row.id: name for name, row in store.datasets().items()}
    found: dict[str, set[str]] = {}
    for tag in session.scalars(select(Tag).where(Tag.source == "headwater")):
        found.setdefault(tag.key, set()).add(names[tag.entity_id])
    return found


@pytest.mark.usefixtures("story")
def test_marked_datasets_get_a_tag_and_an_owner(client: Browser, session: Session, store: Store) -> None:
    ids = [store.dataset(name).id for name in ("shop.t0", "shop.t1", "core.orders")]
    answer = client.post(URL, data={"id": ids, "tag": "pii", "owner": "bob", "query": "q=shop"})

    assert (answer.status_code, answer.location) == (303, f"{LIST}?q=shop")
    assert tagged(session, store) == {"pii": {"shop.t0", "shop.t1", "core.orders"}}
    assert len(session.scalars(select(Owner).where(Owner.name == "bob")).all()) == 3
    verbs = session.scalars(select(Change.verb).where(Change.verb.in_(("dataset.tagged", "dataset.owned")))).all()
    assert sorted(verbs) == ["dataset.owned"] * 3 + ["dataset.tagged"] * 3
    assert "shop.t1" in client.get("/r/acme/search?q=tag:pii+owner:bob").get_data(as_text=True)


@pytest.mark.usefixtures("story")
def test_what_has_it_already_keeps_one(client: Browser, session: Session, store: Store) -> None:
    ids = [store.dataset(name).id for name in ("shop.t0", "shop.t1")]
    client.post(URL, data={"id": ids[:1], "tag": "pii"})
    page = client.client.post(
        URL, data={"csrf_token": client.csrf_token(), "id": ids, "tag": "pii"}, follow_redirects=True
    )

    assert "Tagged pii: 1 dataset. 1 had it already." in page.get_data(as_text=True)
    assert len(session.scalars(select(Tag)).all()) == 2


@pytest.mark.usefixtures("story")
def test_all_that_match_are_shown_before_they_change(client: Browser, session: Session, store: Store) -> None:
    page = client.get(f"{URL}?query=q%3Dshop%26state%3Dnever_read").get_data(as_text=True)
    query = re.search(r'name="query"[^>]*value="([^"]+)"', page)

    assert "3 datasets match" in page
    assert query
    answer = client.post(URL, data={"all": "1", "query": query[1].replace("&amp;", "&"), "tag": "gold"})
    assert answer.status_code == 303
    assert tagged(session, store) == {"gold": {"shop.t0", "shop.t1", "shop.t2"}}


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(
    "data",
    [{}, {"tag": " "}, {"tag": "a" * 201}, {"tag": "a\nb"}, {"tag": "x", "id": []}, {"tag": "x", "id": ["99999", "y"]}],
)
def test_what_cannot_be_added_is_refused(
    client: Browser, session: Session, store: Store, data: dict[str, object]
) -> None:
    here = {"id": [store.dataset("shop.t0").id], **data}

    assert client.post(URL, data=here).status_code == 422
    assert not session.scalars(select(Tag)).all()


@pytest.mark.usefixtures("story")
def test_too_many_are_refused(client: Browser, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST", 1)
    ids = [store.dataset(name).id for name in ("shop.t0", "shop.t1")]

    assert client.post(URL, data={"id": ids, "tag": "x"}).status_code == 422


@pytest.mark.usefixtures("story")
def test_readers_mark_nothing(visitor: Browser, session: Session, realm: Realm, store: Store) -> None:
    reader = visitor.as_(make_user(session, "reader", realm, "lineage.read"))

    assert 'id="bulk"' not in reader.get(LIST).get_data(as_text=True)
    assert reader.post(URL, data={"id": [store.dataset("shop.t0").id], "tag": "x"}).status_code == 403


@pytest.mark.usefixtures("story")
def test_datasets_of_another_realm_are_left_alone(
    visitor: Browser, stranger: object, session: Session, store: Store
) -> None:
    other = visitor.as_(stranger)  # type: ignore[arg-type]
    answer = other.post("/r/globex/lineage/datasets/annotation", data={"id": [store.dataset("shop.t0").id], "tag": "x"})

    assert answer.status_code == 422
    assert not session.scalars(select(Tag)).all()
