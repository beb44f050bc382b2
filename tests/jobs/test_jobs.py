"""The list of jobs, and one job."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.jobs.models import Facet
from app.lineage.reads import asking
from app.realms.models import Realm
from tests.browser import Browser
from tests.databases import Database
from tests.jobs.counting import statements
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import facet, job, job_type, parent, run, table

URL = "/r/acme/jobs/jobs"
TABS = ("overview", "io", "sql", "versions", "dependencies", "facets", "changes")
DOC = "# Nightly\n**bold** <img src=x onerror=alert(1)> [go](javascript:alert(1)) [ok](https://example.org)"


def described() -> dict[str, object]:
    """Return job facets of somebody who cares."""
    return {
        "documentation": facet(description=DOC),
        "ownership": facet(owners=[{"name": "team:data", "type": "MAINTAINER"}]),
        "tags": facet(tags=[{"key": "tier-1", "source": "x"}]),
        "sourceCodeLocation": facet(type="git", url="https://git.example/x.py", path="x.py", version="abc"),
        **job_type("AIRFLOW", "DAG"),
    }


def fill(intake: Intake) -> None:
    """Send jobs of several kinds."""
    intake.take(
        run("r1", "nightly", minute=1, job_facets=described()),
        run("r2", "copy", "FAIL", minute=2, inputs=[table("db.shop.a")], outputs=[table("db.shop.b")]),
        job("declared", minute=1),
        run("a1", "app", minute=1, job_facets=job_type("SPARK", "APPLICATION", "NONE")),
        run("c1", "app.cmd", minute=1, job_facets=job_type("SPARK", "SQL_JOB"), facets={"parent": parent("a1", "app")}),
    )


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"nightly", "copy", "declared", "app"}),
        ("parts=shown", {"nightly", "copy", "declared", "app", "app.cmd"}),
        ("integration=AIRFLOW", {"nightly"}),
        ("type=APPLICATION", {"app"}),
        ("status=failed", {"copy"}),
        ("owner=team:data", {"nightly"}),
        ("tag=tier-1", {"nightly"}),
        ("io=any", {"copy"}),
        ("io=none&integration=AIRFLOW", {"nightly"}),
        ("never_run=1", {"declared"}),
        ("q=IGHT", {"nightly"}),
        ("q=owner:team+bold", {"nightly"}),
        ("q=platform:spark", {"app"}),
        ("q=colour:red", set()),
        ("integration=AIRFLOW&integration=SPARK", {"nightly", "app"}),
        ("status=failed&status=completed", {"copy", "nightly", "app"}),
        ("owner=team:data&owner=nobody&tag=tier-1", {"nightly"}),
        ("sort=-last_run_at&status=completed", {"nightly", "app"}),
    ],
)
def test_filters_narrow_the_list(client: Browser, intake: Intake, query: str, shown: set[str]) -> None:
    fill(intake)

    items = client.get(f"{URL}?{query}&format=json").get_json()["items"]

    assert {item["name"] for item in items} == shown


@pytest.mark.parametrize(
    ("query", "shown"), [("q=IGHT", {"nightly"}), ("q=owner:team+bold", {"nightly"}), ("q=zz", set())]
)
def test_words_that_many_jobs_have_find_the_same(
    client: Browser, intake: Intake, monkeypatch: pytest.MonkeyPatch, query: str, shown: set[str]
) -> None:
    monkeypatch.setattr(asking, "MOST_HITS", -1)
    fill(intake)

    assert {item["name"] for item in client.get(f"{URL}?{query}&format=json").get_json()["items"]} == shown


def test_the_list_shows_last_runs_data_and_owners(client: Browser, intake: Intake) -> None:
    fill(intake)

    text = client.get(URL).text

    assert "Last 1 runs: 1 failed" in text
    assert "team:data" in text
    assert text.count('<td class="number fold">1</td>') >= 2


def test_a_longer_list_costs_no_more_statements(app: Flask, client: Browser, intake: Intake) -> None:
    intake.take(run("r0", "job-0"))
    client.get(URL)
    with statements(app) as few:
        client.get(URL)
    intake.take(*(run(f"r{index}", f"job-{index}") for index in range(60)))
    with statements(app) as many:
        client.get(URL)

    assert len(many) <= len(few) <= 10


def test_both_empty_states_say_what_to_do(client: Browser, intake: Intake) -> None:
    assert "No jobs yet" in client.get(URL).text

    intake.take(run("r1", "one"))

    assert "Nothing matches these filters" in client.get(f"{URL}?q=zzz").text


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("name", ["nightly", "copy", "declared", "app.cmd"])
def test_every_tab_of_a_job_is_a_page(client: Browser, intake: Intake, store: Store, tab: str, name: str) -> None:
    fill(intake)

    answer = client.get(f"{URL}/{store.jobs()[name].id}?tab={tab}")

    assert answer.status_code == 200
    assert name in answer.text


def test_a_description_is_markdown_without_danger(client: Browser, intake: Intake, store: Store) -> None:
    fill(intake)

    text = client.get(f"{URL}/{store.jobs()['nightly'].id}").text

    assert "<strong>bold</strong>" in text
    assert '<a href="https://example.org"' in text
    assert "<img" not in text
    assert 'href="javascript' not in text


def test_a_job_tells_how_often_it_completes_and_how_long_it_takes(
    client: Browser, intake: Intake, store: Store
) -> None:
    for index, took in enumerate((2, 4, 6, 8)):
        intake.take(run(f"r{index}", "timed", "START", minute=index * 20))
        intake.take(run(f"r{index}", "timed", "COMPLETE", minute=index * 20 + took))
    intake.take(run("r9", "timed", "FAIL", minute=100))

    text = client.get(f"{URL}/{store.jobs()['timed'].id}").text

    assert "80 %" in text
    assert ">5 min<" in text
    assert ">8 min<" in text


def test_a_job_stands_as_its_last_run_does(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(run("r1", "quiet", "START"))

    heading = client.get(f"{URL}/{store.jobs()['quiet'].id}").text.partition("<h1>")[2].partition("</h1>")[0]
    assert ("stalled" in heading, "running" in heading) == (True, False)


def test_sql_texts_are_kept_with_their_difference(client: Browser, intake: Intake, store: Store) -> None:
    for minute, query in ((1, "SELECT 1\nFROM a"), (2, "SELECT 2\nFROM a")):
        intake.take(run(f"r{minute}", "asking", minute=minute, job_facets={"sql": facet(query=query)}))

    text = client.get(f"{URL}/{store.jobs()['asking'].id}?tab=sql").text

    assert "2 texts" in text
    assert "<del>− SELECT 1</del><ins>+ SELECT 2</ins>" in text


def test_a_job_of_another_realm_is_not_found(
    client: Browser, database: Database, other_realm: Realm, store: Store
) -> None:
    Intake(database, other_realm).take(run("r1", "theirs"))

    assert client.get(f"{URL}/{store.jobs()['theirs'].id}").status_code == 404


def test_a_job_shows_what_the_jobs_below_it_read(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(
        run("d1", "dag", job_facets=job_type("AIRFLOW", "DAG")),
        run("t1", "dag.task", inputs=[table("db.shop.a")], facets={"parent": parent("d1", "dag")}),
    )

    text = client.get(f"{URL}/{store.jobs()['dag'].id}?tab=io").text

    assert "shop.a" in text
    assert "Of this job and the 1 below it." in text


def asked(client: Browser, store: Store, job: str, query: str) -> str:
    """Return the page of a job."""
    answer = client.get(f"{URL}/{store.jobs()[job].id}?{query}")
    assert answer.status_code == 200
    return answer.text


def test_any_two_texts_are_compared_either_way(client: Browser, intake: Intake, store: Store, session: Session) -> None:
    for minute, query in ((1, "SELECT 1\nFROM t"), (20, "SELECT 2\nFROM t"), (40, "SELECT 3\nFROM t")):
        intake.take(run(f"r{minute}", "asking", minute=minute, job_facets={"sql": facet(query=query)}))
    versions = session.scalars(select(Facet).where(Facet.name == "sql").order_by(Facet.first_at)).all()
    query = f"tab=sql&text={versions[2].id}&against={versions[0].id}"

    below, beside = asked(client, store, "asking", query), asked(client, store, "asking", f"{query}&view=split")

    assert "<del>− SELECT 1</del><ins>+ SELECT 3</ins>" in below
    assert "Side by side" in below
    assert '<td class="removed"><code>− SELECT 1</code></td>' in beside
    assert "Newest text" in asked(client, store, "asking", "tab=sql&text=99999&against=1")
    assert client.get(f"{URL}/{store.jobs()['asking'].id}?tab=sql&text=x").status_code == 422


def test_versions_tell_which_code_and_engine_ran(client: Browser, intake: Intake, store: Store) -> None:
    for minute, (version, engine) in enumerate((("a1", "3.4"), ("a1", "3.4"), ("b2", "3.5"))):
        code = {"sourceCodeLocation": facet(type="git", url="https://git.example/x", version=version)}
        engines = {"processing_engine": facet(name="spark", version=engine)}
        intake.take(run(f"r{minute}", "built", minute=minute, job_facets=code, facets=engines))

    text = asked(client, store, "built", "tab=versions")

    assert text.index("b2") < text.index("a1")
    assert "spark 3.5" in text
    assert "and 1 before" in text
    assert "/jobs/runs/compare?" in text


def test_failures_are_grouped_by_their_first_line(client: Browser, intake: Intake, store: Store) -> None:
    for minute, words in enumerate(("disk full\nat 3", "disk full\nat 4", "no such table")):
        intake.take(run(f"r{minute}", "weak", "FAIL", minute, facets={"errorMessage": facet(message=words)}))

    text = asked(client, store, "weak", "tab=overview")

    assert text.index("disk full") < text.index("no such table")
    assert "2 runs:" in text
    assert '<label class="inline">Compare run' in text


def test_runs_of_a_job_offer_to_compare_two(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(run("r1", "one", minute=1), run("r2", "one", minute=2))
    listed = f"/r/acme/jobs/runs?job={store.jobs()['one'].id}"

    assert 'action="/r/acme/jobs/runs/compare"' in client.get(listed).text
    assert 'action="/r/acme/jobs/runs/compare"' not in client.get("/r/acme/jobs/runs").text
