"""The page of one run."""

import pytest

from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import facet, job_type, parent, run, schema, table

URL = "/r/acme/jobs/runs"
TABS = ("overview", "io", "sql", "operations", "facets", "events", "changes")
TRACE = "Traceback (most recent call last):\n  File <x>"


def page(client: Browser, store: Store, run_id: str, tab: str = "overview") -> str:
    """Return a tab of the page of a run, which must exist."""
    answer = client.get(f"{URL}/{store.run(run_id).id}?tab={tab}")
    assert answer.status_code == 200
    return answer.text


def load(run_id: str, minute: float, rows: int) -> dict[str, object]:
    """Return a run that reads one table and writes another."""
    written = table("db.shop.sums", counts={"rowCount": rows, "size": rows * 10}, schema=schema("a", "b"))
    sql = {"sql": facet(query="INSERT INTO sums SELECT * FROM orders -- <all>")}
    return run(run_id, "load", minute=minute, inputs=[table("db.shop.orders")], outputs=[written], job_facets=sql)


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_of_a_busy_run_is_a_page(client: Browser, intake: Intake, store: Store, tab: str) -> None:
    intake.take(load("r1", 1, 100), load("r2", 2, 150))

    assert "load" in page(client, store, "r2", tab)


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_of_a_run_without_anything_is_a_page(client: Browser, intake: Intake, store: Store, tab: str) -> None:
    intake.take(run("child", "inner", facets={"parent": parent("ghost", "outer")}))

    assert "outer" in page(client, store, "ghost", tab)


def test_a_number_leads_to_the_page(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(run("r1", "one"))
    found = store.run("r1")

    answer = client.get(f"{URL}/{found.number}?tab=io")

    assert answer.status_code == 303
    assert answer.location.endswith(f"/jobs/runs/{found.id}?tab=io")


@pytest.mark.parametrize("which", ["466dab2a-8603-4551-b8de-ee2445454495", "0", "123456", "9" * 30, "no-run"])
def test_an_unknown_run_is_not_found(client: Browser, intake: Intake, which: str) -> None:
    intake.take(run("r1", "one"))

    assert client.get(f"{URL}/{which}").status_code == 404


def test_an_unknown_tab_is_not_found(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(run("r1", "one"))

    assert client.get(f"{URL}/{store.run('r1').id}?tab=secrets").status_code == 404


def test_an_error_shows_its_first_line_and_folds_the_rest(client: Browser, intake: Intake, store: Store) -> None:
    failure = facet(message="disk <full>\nsecond line", stackTrace=TRACE, programmingLanguage="python")
    intake.take(run("r1", "one", "FAIL", facets={"errorMessage": failure}))

    text = page(client, store, "r1")

    assert "<strong>disk &lt;full&gt;</strong>" in text
    assert text.index("Rest of the message") < text.index("<code>second line")
    assert "File &lt;x&gt;" in text


def test_only_web_addresses_become_log_links(client: Browser, intake: Intake, store: Store) -> None:
    for run_id, url in (("r1", "javascript:alert(1)"), ("r2", "https://airflow.example/log?a=1")):
        airflow = facet(dag={"dag_id": "d"}, task={"task_id": "t"}, taskInstance={"try_number": 1, "log_url": url},
                        dagRun={"run_id": "x"})  # fmt: skip
        intake.take(run(run_id, "d.t", facets={"airflow": airflow}, job_facets=job_type("AIRFLOW", "TASK")))

    assert "javascript:" not in page(client, store, "r1")
    assert 'href="https://airflow.example/log?a=1"' in page(client, store, "r2")


def test_parents_are_a_breadcrumb_and_a_cycle_is_said(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(
        run("r1", "one", facets={"parent": parent("r2", "two")}),
        run("r2", "two", facets={"parent": parent("r1", "one")}),
    )

    text = page(client, store, "r1")

    assert "Cycle." in text
    assert f"/jobs/runs/{store.run('r2').id}" in text


def test_a_run_only_named_as_parent_says_so(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(run("child", "inner", facets={"parent": parent("ghost", "outer")}))

    assert "referenced only" in page(client, store, "ghost")


def test_an_id_used_by_unrelated_jobs_is_marked(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(run("r1", "one", minute=1), run("r1", "other", minute=2))
    intake.take(run("r2", "app", minute=1), run("r2", "app.table", minute=2))

    assert "Run id shared." in page(client, store, "r1")
    assert "Run id shared." not in page(client, store, "r2")


def test_lineage_that_could_not_be_read_is_said(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(run("r1", "one", facets={"extractionError": facet(totalTasks=3, failedTasks=1, errors=[])}))

    assert "1 of 3 parts could not be read" in page(client, store, "r1")


def test_inputs_and_outputs_are_compared_with_the_run_before(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(load("r1", 1, 100), load("r2", 2, 150))

    text = page(client, store, "r2", "io")

    assert "+50 %" in text
    assert "shop.orders" in text
    assert f"run {store.run('r1').number}" in text


def test_runs_below_are_a_tree_with_bars(client: Browser, intake: Intake, store: Store) -> None:
    dag, task = job_type("AIRFLOW", "DAG"), job_type("AIRFLOW", "TASK")
    up = {"parent": parent("d1", "dag")}
    intake.take(
        run("d1", "dag", "START", minute=0, job_facets=dag),
        run("t1", "dag.extract", "START", minute=1, job_facets=task, facets=up),
        run("t1", "dag.extract", "FAIL", minute=3, job_facets=task, facets=up),
        run("d1", "dag", "FAIL", minute=4, job_facets=dag),
    )

    text = page(client, store, "d1", "operations")

    assert ">extract</a>" in text
    assert "begins after 1 min, takes 2 min" in text


def test_sql_is_shown_as_it_was_sent(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(load("r1", 1, 100))

    text = page(client, store, "r1", "sql")

    assert '<span class="sql-word">INSERT</span>' in text
    assert "-- &lt;all&gt;" in text


def test_facets_are_a_tree_with_their_size_and_tables(client: Browser, intake: Intake, store: Store) -> None:
    variables = facet(environmentVariables=[{"name": "REGION", "value": "eu"}, {"name": "DB_PASSWORD", "value": "x9y"}])
    tags = facet(tags=[{"key": "team", "value": "core", "source": "x"}])
    custom = facet(deep={"list": [{"a": None}, 1, "<b>"]}, empty={}, none=[])
    facets = {"environmentVariables": variables, "tags": tags, "my_own": custom}
    intake.take(run("r1", "one", facets=facets))

    text = page(client, store, "r1", "facets")

    assert "my_own" in text
    assert "&lt;b&gt;" in text
    assert "x9y" not in text
    assert "Environment variables" in text
    assert "team: core" in text
