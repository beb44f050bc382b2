"""What an interaction did to its dataset: from lifecycle changes, SQL text and integrations (specification 3.8)."""

from typing import Any

import pytest

from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import facet, job_type, run, table

OUT = "shop.orders"
SQL = [
    ("insert into orders select 1", "APPEND"),
    ("copy orders from 's3://lake/orders'", "APPEND"),
    ("insert overwrite table orders select 1", "OVERWRITE"),
    ("replace into orders values (1)", "OVERWRITE"),
    ("create table orders as select 1", "CREATE"),
    ("alter table orders add column age int", "ALTER"),
    ("drop table orders", "DROP"),
    ("truncate table orders", "TRUNCATE"),
    ("update orders set a = 1", "UPDATE"),
    ("delete from orders", "DELETE"),
    ("merge into orders using raw on 1 = 1 when matched then delete", "MERGE"),
    ("alter table orders rename to old_orders", "RENAME"),
    ("alter table orders drop column age", "ALTER"),
    ("-- drop table orders\n/* truncate */ insert into orders select 1", "APPEND"),
    ("with drop_list as (select 'delete' as verb) insert into orders select * from drop_list", "APPEND"),
    ("select 1", "WRITE"),
    ("", "WRITE"),
]
LIFECYCLE = ["ALTER", "CREATE", "DROP", "OVERWRITE", "RENAME", "TRUNCATE"]


def text(sql: str) -> dict[str, Any]:
    """Return job facets with an SQL text."""
    return {"sql": facet(query=sql)}


def changed(word: str) -> dict[str, Any]:
    """Return the output with a change of its life."""
    return table(OUT, lifecycleStateChange=facet(lifecycleStateChange=word))


def output(store: Store) -> tuple[str, str]:
    """Return type and types of what was written."""
    found = store.interaction(OUT)
    return found.type, found.types


def test_an_input_is_read_whatever_the_text_says(intake: Intake, store: Store) -> None:
    intake.take(run("r", "load", inputs=[table("raw")], outputs=[table(OUT)], job_facets=text("DROP TABLE orders")))

    assert store.interactions() == [("load", "raw", "input", "READ"), ("load", OUT, "output", "DROP")]


def test_the_first_verb_of_the_sql_text_is_the_type(intake: Intake, store: Store) -> None:
    for number, (sql, _) in enumerate(SQL):
        intake.take(run(f"r{number}", "load", minute=number, outputs=[table(f"t{number}")], job_facets=text(sql)))

    assert [store.interaction(f"t{number}").type for number in range(len(SQL))] == [type_ for _, type_ in SQL]


def test_two_statements_give_two_types_and_the_stronger_stands_for_both(intake: Intake, store: Store) -> None:
    intake.take(
        run("r", "load", outputs=[table(OUT)], job_facets=text("DELETE FROM orders; INSERT INTO orders SELECT 1"))
    )

    assert output(store) == ("DELETE", "APPEND,DELETE")


def test_every_lifecycle_change_is_a_type_and_wins_over_the_sql_text(intake: Intake, store: Store) -> None:
    for number, word in enumerate(LIFECYCLE):
        item = changed(word) | {"name": f"t{number}"}
        intake.take(run(f"r{number}", "load", outputs=[item], job_facets=text("INSERT INTO t SELECT 1")))

    assert [store.interaction(f"t{number}").type for number in range(len(LIFECYCLE))] == LIFECYCLE


@pytest.mark.parametrize("order", [1, -1])
def test_lifecycle_changes_of_any_event_of_the_run_are_united(intake: Intake, store: Store, order: int) -> None:
    events = [
        run("r", "load", "START", 0, outputs=[changed("CREATE")], job_facets=text("INSERT INTO orders SELECT 1")),
        run("r", "load", "RUNNING", 1, outputs=[table(OUT)]),
        run("r", "load", "COMPLETE", 2, outputs=[changed("TRUNCATE")]),
    ]
    intake.each(events[::order])

    assert output(store) == ("TRUNCATE", "CREATE,TRUNCATE")


@pytest.mark.parametrize("order", [1, -1])
def test_the_text_of_the_newest_event_counts_for_what_another_event_wrote(
    intake: Intake, store: Store, order: int
) -> None:
    events = [
        run("r", "load", "START", 0, outputs=[table(OUT)]),
        run("r", "load", "COMPLETE", 1, job_facets=text("MERGE INTO orders USING raw ON 1 = 1")),
    ]
    intake.each(events[::order])

    assert output(store) == ("MERGE", "MERGE")


@pytest.mark.parametrize("integration", ["FLINK", "DEBEZIUM", "KAFKA"])
def test_streams_append(intake: Intake, store: Store, integration: str) -> None:
    intake.take(run("r", "stream", outputs=[table(OUT)], job_facets=job_type(integration, "JOB", "STREAMING")))

    assert output(store) == ("APPEND", "APPEND")


@pytest.mark.parametrize("order", [1, -1])
def test_an_incremental_model_of_dbt_is_appended_to(intake: Intake, store: Store, order: int) -> None:
    model = table(OUT, dbt_model=facet(config={"materialized": "incremental"}))
    whole = table("whole", dbt_model=facet(config={"materialized": "table"}))
    events = [
        run("r", "model", "START", 0, outputs=[model, whole]),
        run("r", "model", "COMPLETE", 1, outputs=[table(OUT), whole]),
    ]
    intake.each(events[::order])

    assert output(store) == ("APPEND", "APPEND")
    assert store.interaction("whole").type == "WRITE"


def test_what_the_text_says_of_an_incremental_model_wins(intake: Intake, store: Store) -> None:
    model = table(OUT, dbt_model=facet(config={"materialized": "incremental"}))
    intake.take(run("r", "model", outputs=[model], job_facets=text("MERGE INTO orders USING raw ON 1 = 1")))

    assert output(store) == ("MERGE", "MERGE")


def test_what_nobody_describes_is_a_write(intake: Intake, store: Store) -> None:
    odd = table(OUT, lifecycleStateChange=facet(lifecycleStateChange="VANISH"))
    intake.take(run("r", "load", outputs=[odd]))

    assert output(store) == ("WRITE", "WRITE")


def test_a_dropped_dataset_is_marked_until_it_is_written_again(intake: Intake, store: Store) -> None:
    intake.take(run("r1", "load", minute=1, outputs=[changed("DROP")]))
    assert store.dataset(OUT).lifecycle == "DROP"
    assert store.dataset(OUT).last_written_at is None

    intake.take(run("r2", "load", minute=2, outputs=[changed("CREATE")]))
    assert store.dataset(OUT).lifecycle == "CREATE"
    assert store.dataset(OUT).last_written_at is not None
