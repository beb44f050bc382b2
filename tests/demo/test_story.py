"""The demo story holds what its pages want to show, and looks like real producers."""

from __future__ import annotations

import importlib
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from app.demo import events
from app.demo.facets import STANDARD
from app.demo.world import CATALOGUE
from app.lineage.graph.patterns import base
from tests.demo.reading import ENDS, NOW, Told

ORDERS_MART = "ANALYTICS.MARTS.FCT_ORDERS"


def test_the_same_arguments_tell_the_same_story() -> None:
    first, again, other = (list(events(NOW, 3, seed)) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_thirty_days_hold_about_twelve_thousand_events(told: Told) -> None:
    assert 9_000 <= len(told.events) <= 14_000
    days = Counter(one["eventTime"][:10] for one in told.events)
    assert len(days) == 31
    assert min(days[(NOW - timedelta(days=back)).date().isoformat()] for back in range(1, 30)) > 300


def test_every_event_is_json_and_none_lies_in_the_future(told: Told) -> None:
    assert all(json.loads(json.dumps(one)) == one for one in told.events[::50])
    assert max(datetime.fromisoformat(one["eventTime"]) for one in told.events) <= NOW


def test_every_event_has_the_shape_of_its_kind(told: Told) -> None:
    for event in told.events:
        assert event["schemaURL"].startswith("https://openlineage.io/spec/2-0-2/")
        assert event["producer"].startswith("https://")
        assert datetime.fromisoformat(event["eventTime"]).tzinfo
        if "run" in event:
            assert event["eventType"] in {"START", "RUNNING", "OTHER", *ENDS}
            assert str(UUID(event["run"]["runId"])) == event["run"]["runId"]
        assert ("dataset" in event) != ("job" in event)
        if "job" in event:
            assert event["job"]["namespace"]
            assert event["job"]["name"]


def test_every_dataset_is_named_and_every_facet_has_an_envelope(told: Told) -> None:
    assert all(one["namespace"] and one["name"] for _, one in told.datasets())
    for name, body in told.facets():
        assert body["_producer"], name
        assert body["_schemaURL"], name


def _client_class(name: str) -> Any:
    """Return the class of a facet in the OpenLineage client, found by its name in the specification."""
    kind = STANDARD[name].partition("/")[2]
    words = "".join(
        f"_{letter.lower()}" if letter.isupper() else letter for letter in kind.removesuffix("Facet")
    ).strip("_")
    module = importlib.import_module(f"openlineage.client.generated.{words.replace('s_q_l', 'sql')}")
    return getattr(module, kind)


@pytest.mark.parametrize("name", sorted(STANDARD))
def test_standard_facets_are_accepted_by_the_client_library(told: Told, name: str) -> None:
    pytest.importorskip("openlineage.client")
    kind = STANDARD[name].partition("/")[2]
    made = _client_class(name)
    bodies = [body for _, body in told.facets() if body["_schemaURL"].endswith(f"/{kind}")]
    assert bodies
    for body in bodies[::200]:
        made(**{key: value for key, value in body.items() if not key.startswith("_")})


def test_the_catalogue_spans_five_platforms_and_is_used_as_a_whole(told: Told) -> None:
    named = {(one["namespace"], one["name"]) for _, one in told.datasets()}
    assert len(named) >= 90
    hives = [one["facets"]["symlinks"] for _, one in told.datasets() if "symlinks" in one["facets"]]
    assert any(link["identifiers"][0]["namespace"].startswith("hive://") for link in hives)
    assert {name.partition(":")[0] for name, _ in named} == {"postgres", "s3", "kafka", "snowflake"}
    moved = {one["name"] for event, one in told.datasets() if "job" in event}
    idle = [one.key for one in CATALOGUE.values() if one.name not in moved]
    assert idle == ["categories", "ratings", "topic:wms.stock-movements.v1"]


def test_runs_end_after_they_start(told: Told) -> None:
    for run in told.runs.values():
        states = [one["eventType"] for one in run]
        assert states[0] in {"START", "OTHER"}
        assert not [state for state in states[:-1] if state in ENDS and states[-1] != state]


def test_children_lie_within_their_parents(told: Told) -> None:
    runs = told.runs
    for run in runs.values():
        above = run[0]["run"]["facets"].get("parent")
        if above:
            parent = runs[above["run"]["runId"]]
            assert parent[0]["eventTime"] <= run[0]["eventTime"]
            assert parent[-1]["eventType"] not in ENDS or run[-1]["eventTime"] <= parent[-1]["eventTime"]


def test_parents_reach_from_dbt_nodes_and_spark_commands_to_their_dag(told: Told) -> None:
    for job in (
        "model.greenbasket_analytics.fct_orders",
        "build_core_tables.execute_insert_into_hadoop_fs_relation_command.core_orders",
    ):
        root = told.of(job)[0]["run"]["facets"]["parent"]["root"]
        assert root["job"]["namespace"] == "airflow-prod"
        assert told.runs[root["run"]["runId"]][0]["job"]["name"] == root["job"]["name"]


def test_some_events_come_late_and_some_twice(told: Told) -> None:
    texts = [json.dumps(one, sort_keys=True) for one in told.events]
    assert 20 < len(texts) - len(set(texts)) < 200
    times = [one["eventTime"] for one in told.events]
    assert 50 < sum(after < before for before, after in pairwise(times)) < 600


def test_states_of_all_kinds_occur(told: Told) -> None:
    last = Counter(run[-1]["eventType"] for run in told.runs.values())
    assert last["COMPLETE"] > 0.95 * last.total()
    assert last["FAIL"] > 40
    assert last["ABORT"] == 1
    assert last["OTHER"] == 2


def test_things_run_right_now(told: Told) -> None:
    begun = [
        NOW - datetime.fromisoformat(run[0]["eventTime"])
        for run in told.runs.values()
        if run[-1]["eventType"] in {"START", "RUNNING"}
    ]
    fresh = [age for age in begun if age < timedelta(minutes=40)]
    assert len(fresh) >= 8
    assert min(begun) > timedelta(minutes=1)


def test_streams_are_seen_minutes_ago_and_never_end(told: Told) -> None:
    for stream in ("eta-predictor", "fraud-signals"):
        last = told.of(stream)[-1]
        assert last["eventType"] == "RUNNING"
        assert last["job"]["facets"]["jobType"]["processingType"] == "STREAMING"
        assert NOW - datetime.fromisoformat(last["eventTime"]) < timedelta(minutes=5)
    assert len(told.of("eta-predictor", "FAIL")) == 1


def test_failed_attempts_are_tried_again_with_a_run_of_their_own(told: Told) -> None:
    tries = Counter(
        one["run"]["facets"]["airflow"]["taskInstance"]["try_number"]
        for one in told.events
        if "airflow" in one.get("run", {}).get("facets", {})
    )
    assert tries[2] > 20
    failed = [
        one
        for one in told.events
        if one.get("eventType") == "FAIL" and one["job"]["name"] == "ingest_shop_db.extract_table"
    ]
    assert failed
    assert {one["run"]["facets"]["airflow"]["taskInstance"]["map_index"] for one in failed} <= set(range(6))


def test_the_voucher_column_disappears_and_the_marts_stop(told: Told) -> None:
    dropped = [one for one in told.events if "dataset" in one and one["dataset"]["facets"].get("lifecycleStateChange")]
    assert dropped[0]["dataset"]["name"] == "shop.public.orders"
    age = NOW - datetime.fromisoformat(dropped[0]["eventTime"])
    assert timedelta(days=1, hours=12) < age < timedelta(days=3)
    failed = told.of("model.greenbasket_analytics.stg_orders", "FAIL")
    assert {one["eventTime"][:10] for one in failed} == {NOW.date().isoformat()}
    assert "VOUCHER_CODE" in failed[0]["run"]["facets"]["errorMessage"]["message"]
    assert told.written(ORDERS_MART)[-1][0] < NOW - timedelta(days=1)
    assert told.of("finance_close", "FAIL")[-1]["eventTime"] > failed[0]["eventTime"]


def test_the_warehouse_copy_loses_the_column_two_days_after_its_source(told: Told) -> None:
    columns = {
        moment.date(): {field["name"] for field in one["facets"]["schema"]["fields"]}
        for moment, one in told.written("RAW.SHOP.ORDERS")
    }
    assert "VOUCHER_CODE" in columns[NOW.date() - timedelta(days=1)]
    assert "VOUCHER_CODE" not in columns[NOW.date()]


def test_columns_are_added_removed_and_retyped(told: Told) -> None:
    items = [one["facets"]["schema"]["fields"] for _, one in told.written("landing/shop/order_items")]
    types = {field["type"] for fields in items for field in fields if field["name"] == "quantity"}
    assert types == {"integer", "numeric(10,3)"}
    customers = [len(one["facets"]["schema"]["fields"]) for _, one in told.written("landing/shop/customers")]
    assert customers[-1] == customers[0] + 1


def test_volumes_follow_the_week_and_show_the_outage(told: Told) -> None:
    rows = {
        moment.date(): one["outputFacets"]["outputStatistics"]["rowCount"]
        for moment, one in told.written("warehouse/core.db/orders")
    }
    usual = sorted(rows.values())
    weekend = [count for day, count in rows.items() if day.weekday() in {4, 5}]
    assert sum(weekend) / len(weekend) > 1.15 * usual[len(usual) // 2]
    assert usual[0] < 0.5 * usual[1]


def test_two_daily_datasets_are_late(told: Told) -> None:
    for name in ("landing/suppliers/price_lists", "partners/partner=northmill/sales/latest.csv"):
        assert NOW - told.written(name)[-1][0] > timedelta(days=2)


def test_column_lineage_is_direct_and_indirect_and_tells_what_is_masked(told: Told) -> None:
    kinds: set[tuple[str, str, bool]] = set()
    for _, body in (pair for pair in told.facets() if pair[0] == "columnLineage"):
        inputs = [one for field in body["fields"].values() for one in field["inputFields"]] + body["dataset"]
        kinds |= {(t["type"], t["subtype"], t["masking"]) for one in inputs for t in one["transformations"]}
    assert {
        ("DIRECT", "IDENTITY", False),
        ("DIRECT", "AGGREGATION", False),
        ("DIRECT", "TRANSFORMATION", True),
    } <= kinds
    assert {("INDIRECT", kind, False) for kind in ("JOIN", "FILTER", "GROUP_BY")} <= kinds


def test_column_lineage_names_columns_that_exist(told: Told) -> None:
    known = {
        (one["name"], field["name"])
        for _, one in told.datasets()
        for field in one["facets"].get("schema", {}).get("fields", ())
    }
    for _, body in (pair for pair in told.facets() if pair[0] == "columnLineage"):
        for field in body["fields"].values():
            assert all((one["name"], one["field"]) in known for one in field["inputFields"])


def test_most_assertions_are_green_some_warn_and_some_failed_lately(told: Told) -> None:
    results: Counter[str] = Counter()
    for _, body in (pair for pair in told.facets() if pair[0] == "dataQualityAssertions"):
        results.update("green" if one["success"] else one["severity"] for one in body["assertions"])
    assert results["green"] > 10 * (results["warn"] + results["error"])
    assert results["warn"] > 3
    assert results["error"] >= 2


def test_a_password_lies_in_the_environment_of_a_run(told: Told) -> None:
    run = told.of("price_list_loader")[0]["run"]["facets"]
    names = {one["name"] for one in run["environmentVariables"]["environmentVariables"]}
    assert {"PORTAL_PASSWORD", "DATABASE_URL"} <= names


def test_declared_jobs_and_described_datasets_come_without_runs(told: Told) -> None:
    static = [one for one in told.events if "run" not in one]
    assert sum("job" in one for one in static) >= 6
    described = [one["dataset"] for one in static if "dataset" in one]
    assert all("ownership" in one["facets"] for one in described[:50])


@pytest.mark.parametrize("hour", [0, 5, 6, 13, 23])
def test_the_story_holds_at_any_hour_and_for_a_short_while(hour: int) -> None:
    now = datetime(2026, 3, 1, hour, 7, tzinfo=UTC)
    told = Told(list(events(now, days=5)), now)
    assert told.of("model.greenbasket_analytics.stg_orders", "FAIL")
    assert told.of("score_churn", "OTHER")


def test_each_week_of_orders_is_a_partition_that_one_rule_groups(told: Told) -> None:
    names = {one["name"] for _, one in told.datasets() if one["name"].startswith("archive/orders/")}
    assert len(names) == 4
    assert {base("**/{key}=*", name) for name in names} == {("archive/orders", name[-13:]) for name in names}
