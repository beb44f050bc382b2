"""What is sent by mistake or to do harm is refused by name, and nothing of it is kept."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Role, User
from app.jobs.models import Description, Owner, Tag
from app.lineage.models import Expectation, GraphRule
from app.realms.models import Realm
from tests.browser import Browser
from tests.factories import make_key, make_user
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import run, table

API = "/api/v1/lineage"
PADDED = "0" * 9 + "9" * 30
ENDLESS = "0" * 20 + "9" * 4_400


@pytest.fixture
def orders(intake: Intake, store: Store) -> int:
    """A dataset, by its id."""
    intake.take(run("r", "load", outputs=[table("shop.orders")]))
    return store.dataset("shop.orders").id


@pytest.fixture
def key(session: Session, realm: Realm) -> str:
    """A key that may say what datasets are."""
    robot = make_user(session, "robot", realm, "lineage.read", "lineage.write")
    return make_key(session, robot, realm, "lineage.read", "lineage.write")[1]


@pytest.mark.parametrize("number", [PADDED, ENDLESS])
@pytest.mark.parametrize("name", ["depth", "max"])
def test_noughts_in_front_take_no_graph_beyond_its_bounds(
    client: Browser, key: str, orders: int, name: str, number: str
) -> None:
    answer = client.api("GET", f"{API}/graph?start=dataset:{orders}&{name}={number}", key)

    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.get_json()["errors"]] == [f"/{name}"]


@pytest.mark.parametrize("number", [PADDED, ENDLESS])
@pytest.mark.parametrize(
    "path",
    ["impact?start=dataset:{id}&limit=", "datasets?limit=", "datasets?storage=", "datasets?location=", "jobs?limit="],
)
def test_noughts_in_front_take_no_list_beyond_its_bounds(
    client: Browser, key: str, orders: int, path: str, number: str
) -> None:
    assert client.api("GET", f"{API}/{path.format(id=orders)}{number}", key).status_code == 422


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("number", [PADDED, ENDLESS[:180]])
def test_a_number_no_run_has_finds_nothing(client: Browser, number: str) -> None:
    assert client.get(f"/r/acme/search?q={number}").status_code == 200


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.OPERATOR])
def test_who_reads_no_lineage_finds_none_by_search(
    visitor: Browser, session: Session, realm: Realm, role: Role
) -> None:
    someone = make_user(session, "someone", realm, "jobs.read")
    session.execute(update(Membership).where(Membership.user_id == someone.id).values(role=role))
    session.commit()
    browser = visitor.as_(someone)

    for words in ("shop", "orders", "kind:dataset+orders", "load", "ordesr", "orders&kind=dataset", "o&kind=column"):
        page = browser.get(f"/r/acme/search?q={words}").get_data(as_text=True)
        assert "shop.orders" not in page
        assert ("/jobs/jobs/" in page) == (words == "load" and role == Role.OPERATOR)
    for name in ("shop.orders", "shop.order"):
        asked = f"kind=dataset&namespace=postgres://db.example:5432&name={name}"
        answer = browser.get(f"/r/acme/lineage/resolve?{asked}")
        assert answer.status_code == 404
        assert "/datasets/" not in answer.get_data(as_text=True)


def test_of_several_people_at_once_one_gives_the_tag(
    client: Browser, owner: User, orders: int, session: Session
) -> None:
    page = f"/r/acme/lineage/datasets/{orders}"
    deeds = [
        (f"{page}/tags", {"key": "pii"}),
        (f"{page}/owners", {"name": "bob"}),
        (f"{page}/description", {"text": "Ours"}),
        ("/r/acme/lineage/rules", {"kind": "noise", "pattern": "x/**"}),
        ("/r/acme/lineage/datasets/annotation", {"id": str(orders), "tag": "gold"}),
    ]
    for url, form in deeds:
        people = [client.as_(owner) for _ in range(4)]
        forms = [{"csrf_token": one.csrf_token(), **form} for one in people]
        with ThreadPoolExecutor(4) as at_once:
            sent = [at_once.submit(one.client.post, url, data=given) for one, given in zip(people, forms, strict=True)]
            assert {one.result().status_code for one in sent} <= {303, 422, 503}

    assert sorted(session.scalars(select(Tag.key))) == ["gold", "pii"]
    for model in (Owner, Description, GraphRule):
        assert session.scalar(select(func.count()).select_from(model)) == 1


@pytest.mark.usefixtures("orders")
def test_marks_that_are_no_ids_mark_nothing(client: Browser) -> None:
    answer = client.post("/r/acme/lineage/datasets/annotation", {"id": [PADDED, ENDLESS, "-1", "x"], "tag": "pii"})

    assert answer.status_code == 422


def test_a_line_break_in_the_filters_of_a_bulk_change_stays_text(client: Browser, orders: int) -> None:
    given = {"id": [str(orders)], "tag": "pii", "query": "q=shop\r\nSet-Cookie: a=b"}
    answer = client.post("/r/acme/lineage/datasets/annotation", given)

    assert answer.status_code == 303
    assert answer.location == "/r/acme/lineage/datasets?q=shop%0D%0ASet-Cookie%3A+a%3Db"
    assert "Set-Cookie: a=b" not in str(answer.headers)


@pytest.mark.parametrize("view", ["current", "ever"])
@pytest.mark.parametrize("moment", ["0001-01-01", "0001-01-01T00:00:00Z", "0001-01-20"])
def test_the_first_year_has_a_graph_too(client: Browser, orders: int, view: str, moment: str) -> None:
    page = client.get(f"/r/acme/lineage/graph?start=dataset:{orders}&view={view}&as_of={moment}")

    assert page.status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"description": "a\0b"}, "/text"),
        ({"tags": [{"key": "pii", "column": "a\0b"}]}, "/column"),
        ({"tags": ["a\0b"]}, "/key"),
        ({"owners": ["a\0b"]}, "/name"),
        ({"expectation": {"by": "0١:3٠"}}, "/by"),
        ({"expectation": {"by": "25:99"}}, "/by"),
        ({"expectation": {"by": "06:30", "zone": "../../etc/passwd"}}, "/zone"),
        ({"expectation": {"every_s": 10**18}}, "/every_s"),
    ],
)
def test_what_no_text_holds_is_refused_whole(
    client: Browser, key: str, orders: int, session: Session, body: dict[str, Any], pointer: str
) -> None:
    answer = client.api("PATCH", f"{API}/datasets/{orders}", key, {"description": "kept?", **body})

    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.get_json()["errors"]] == [pointer]
    for model in (Description, Expectation, Tag):
        assert session.scalar(select(func.count()).select_from(model)) == 0
