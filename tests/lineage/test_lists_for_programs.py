"""Lists over the API say what their pages and files say."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.lineage.queries import places
from app.realms.models import Realm
from tests.browser import Browser
from tests.factories import make_key, make_user
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import facet, job_type, run, table

Ask = Callable[[str], dict[str, Any]]
LISTS = [
    ("jobs", "/r/acme/jobs/jobs"),
    ("operations", "/r/acme/lineage/operations"),
    ("storages", "/r/acme/lineage/storages"),
    ("locations", "/r/acme/locations"),
    ("datasets", "/r/acme/lineage/datasets"),
]


@pytest.fixture
def story(intake: Intake) -> None:
    """A job that copies a topic into a table, twice, and one that fails."""
    clicks, owners = table("clicks", "kafka://broker:9092"), {"ownership": facet(owners=[{"name": "team:data"}])}
    counted = table("db.shop.clicks", counts={"rowCount": 20, "size": 300})
    facets = owners | job_type("SPARK", "SQL_JOB")
    intake.take(
        run(
            "a",
            "copy",
            minute=1,
            inputs=[clicks],
            outputs=[table("db.shop.clicks", counts={"rowCount": 10})],
            job_facets=facets,
        ),
        run("b", "copy", minute=9, inputs=[clicks], outputs=[counted], job_facets=facets),
        run("c", "broken", "FAIL", minute=11, inputs=[clicks]),
    )


@pytest.fixture
def ask(client: Browser, session: Session, realm: Realm) -> Ask:
    """Return a way for a program to read."""
    _, key = make_key(session, make_user(session, "robot", realm, "lineage.read"), realm, "lineage.read")
    return lambda path: client.api("GET", f"/api/v1/lineage/{path}", key).get_json()


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(("name", "page"), LISTS)
def test_the_api_answers_what_the_file_of_the_page_holds(client: Browser, ask: Ask, name: str, page: str) -> None:
    items = ask(f"{name}?limit=1")
    rest = ask(f"{name}?after={items['next']}") if items["next"] else {"items": []}
    told = client.get(f"{page}?format=json").get_json()["items"]

    assert told
    for one, other in zip([*items["items"], *rest["items"]], told, strict=True):
        assert {key: one[key] for key in other} == other


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("operations?status=failed", {"broken"}),
        ("operations?status=failed&status=completed", {"broken", "copy"}),
        ("operations?kind=MERGE", set()),
        ("jobs?q=owner:team", {"copy"}),
        ("jobs?status=failed", {"broken"}),
        ("storages?type=kafka&type=postgres", {None, "db"}),
        ("storages?type=s3", set()),
        ("locations?type=kafka", {"broker:9092"}),
        ("locations?q=broker", {"broker:9092"}),
        ("datasets?platform=kafka", {"clicks"}),
    ],
)
def test_filters_are_those_of_the_page(ask: Ask, path: str, names: set[str | None]) -> None:
    assert {item["name"] for item in ask(path)["items"]} == names


@pytest.mark.usefixtures("story")
def test_rows_tell_what_stands_beside_them(ask: Ask) -> None:
    job = next(item for item in ask("jobs")["items"] if item["name"] == "copy")
    operation, place = ask("operations?status=completed")["items"][0], ask("locations?type=kafka")["items"][0]

    assert (job["owners"], job["inputs"], job["outputs"]) == (["team:data"], 1, 1)
    assert (operation["datasets_read"], operation["datasets_written"], operation["rows_out"]) == (1, 1, 20)
    assert place["addresses"] == ["kafka://broker:9092"]


@pytest.mark.usefixtures("story")
def test_what_a_run_read_and_wrote_is_told_with_its_change(ask: Ask, store: Store) -> None:
    io = ask(f"runs/{store.run('b').id}/io")

    assert io["previous"] == str(store.run("a").id)
    assert [(one["dataset"]["name"], one["rows"]) for one in io["inputs"]] == [("clicks", None)]
    assert [(one["rows"], one["bytes"], one["change_percent"]) for one in io["outputs"]] == [(20, 300, 100.0)]
    assert ask("runs/99999/io")["status"] == 404


@pytest.mark.usefixtures("story")
def test_places_with_much_in_them_tell_the_same_newest_write(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    few = [ask(path)["items"] for path in ("storages", "locations")]
    monkeypatch.setattr(places, "COUNTED", 0)

    for path, before in zip(("storages", "locations"), few, strict=True):
        assert [one["last_written_at"] for one in ask(path)["items"]] == [one["last_written_at"] for one in before]


@pytest.mark.parametrize("path", ["operations?status=odd", "jobs?sort=x", "storages?after=x", "locations?limit=0"])
def test_what_a_list_has_not_is_refused(ask: Ask, path: str) -> None:
    assert ask(path)["status"] == 422
