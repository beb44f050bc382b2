"""The first trouble upstream: a failed job, a late table, or nothing, told in one sentence with the way from there."""

from app.realms.models import Realm
from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import parent, run, table

URL = "/r/acme/lineage/cause"


def test_the_failed_job_that_began_first_is_named_with_the_way_from_it(
    intake: Intake, store: Store, client: Browser
) -> None:
    intake.take(
        run("r1", "load", "FAIL", 1, inputs=[table("raw")], outputs=[table("a")]),
        run("r2", "clean", "COMPLETE", 2, inputs=[table("a")], outputs=[table("b")]),
        run("r3", "report", "FAIL", 3, inputs=[table("b")], outputs=[table("c")]),
    )
    page = client.get(f"{URL}?of=dataset:{store.dataset('c').id}").text
    told = page[page.index("notice bad") : page.index("graph-stage")]
    assert ">load</a></strong> failed" in told
    assert "5 steps before it" in told
    assert "report" in page[page.index("Other trouble upstream") :]


def test_where_nothing_upstream_is_bad_the_page_says_so(intake: Intake, store: Store, client: Browser) -> None:
    intake.take(run("r1", "j", inputs=[table("a")], outputs=[table("b")]))
    assert "Nothing upstream is in trouble" in client.get(f"{URL}?of=dataset:{store.dataset('b').id}").text
    assert "Nothing upstream is in trouble" in client.get(f"{URL}?of=job:{store.jobs()['j'].id}").text


def test_bad_and_unknown_nodes_are_told(client: Browser, realm: Realm) -> None:
    assert client.get(URL).status_code == 422
    assert client.get(f"{URL}?of=storage:1").status_code == 422
    assert client.get(f"{URL}?of=dataset:4000000").status_code == 404


def test_trouble_that_began_after_it_was_due_is_not_called_the_cause(
    intake: Intake, store: Store, client: Browser
) -> None:
    nights = [
        run(f"n{day}", "copy", "COMPLETE", day * 1440, inputs=[table("a")], outputs=[table("b")]) for day in range(5)
    ]
    intake.take(*nights, run("f", "load", "FAIL", 60 * 1440, outputs=[table("a")]))

    page = client.get(f"{URL}?of=dataset:{store.dataset('b').id}").text

    assert "It began after b was due" in page
    assert f"/lineage/datasets/{store.dataset('b').id}/runs" in page


def test_what_failed_below_a_job_is_its_cause(intake: Intake, store: Store, client: Browser) -> None:
    intake.take(
        run("t", "dag.load", "FAIL", 1, outputs=[table("a")], facets={"parent": parent("d", "dag")}),
        run("q", "dag.load.copy", "FAIL", 0, facets={"parent": parent("t", "dag.load")}),
        run("d", "dag", "FAIL", 2),
        run("r", "report", "COMPLETE", 3, inputs=[table("a")], outputs=[table("b")]),
    )

    of_dag = client.get(f"{URL}?of=job:{store.jobs()['dag'].id}").text
    of_table = client.get(f"{URL}?of=dataset:{store.dataset('b').id}").text

    assert ">dag.load.copy</a></strong> failed" in of_dag
    assert "the first trouble inside dag, which failed." in of_dag
    assert ">dag.load.copy</a></strong> failed" in of_table
    assert "upstream of b, within dag.load, 3 steps before it." in of_table
