"""Commands that take the graph along: impact of a node, and exports in every form."""

import csv
import io
import json
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app.realms.models import Realm
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import columns, run, table


@pytest.fixture
def chain(intake: Intake) -> Intake:
    """A - j1 - b - j2 - c, with a column."""
    intake.take(
        run("r1", "j1", inputs=[table("a")], outputs=[table("b", columnLineage=columns(y=[("a", "x")]))]),
        run("r2", "j2", inputs=[table("b")], outputs=[table("c")]),
    )
    return intake


def call(app: Flask, *args: str) -> Result:
    return app.test_cli_runner().invoke(args=["lineage", *args])


def told(app: Flask, *args: str) -> Any:
    answer = call(app, *args)
    assert answer.exit_code == 0, answer.output
    return answer.output


@pytest.mark.usefixtures("chain")
def test_impact_is_listed_as_text_csv_and_json(app: Flask, store: Store) -> None:
    start = f"dataset:{store.dataset('a').id}"
    assert [line.split()[3] for line in told(app, "impact", start).splitlines()] == ["j1", "b", "j2", "c"]
    rows = list(csv.DictReader(io.StringIO(told(app, "impact", start, "--csv"))))
    assert [(row["degree"], row["name"]) for row in rows] == [("1", "j1"), ("2", "b"), ("3", "j2"), ("4", "c")]
    assert json.loads(told(app, "impact", start, "--json"))["total"] == 4
    column = json.loads(told(app, "impact", start, "--json", "--column", "x"))
    assert [(item["name"], item["column"]) for item in column["items"]] == [("b", "y")]
    up = told(app, "impact", f"dataset:{store.dataset('c').id}", "--direction", "up", "--realm", "acme")
    assert len(up.splitlines()) == 4


@pytest.mark.usefixtures("chain")
def test_the_whole_graph_is_exported_in_every_form(app: Flask) -> None:
    graph = json.loads(told(app, "export", "--format", "json"))
    assert sorted(node["name"] for node in graph["nodes"]) == ["a", "b", "c", "j1", "j2"]
    assert len(graph["edges"]) == 4
    assert told(app, "export", "--format", "dot").startswith("digraph")
    assert told(app, "export", "--format", "mermaid").startswith("flowchart")
    assert len(list(csv.DictReader(io.StringIO(told(app, "export", "--format", "csv"))))) == 4
    assert len(told(app, "export", "--format", "ndjson").splitlines()) == 2


@pytest.mark.usefixtures("chain")
def test_a_part_of_the_graph_is_what_is_around_its_start(app: Flask, store: Store) -> None:
    start = f"dataset:{store.dataset('a').id}"
    graph = json.loads(told(app, "export", "--start", start, "--depth", "2"))
    assert sorted(node["name"] for node in graph["nodes"]) == ["a", "b", "j1"]


@pytest.mark.usefixtures("chain", "other_realm")
def test_wrong_use_is_told(app: Flask, realm: Realm) -> None:
    for args, words in (
        (("impact", "table:1", "--realm", "acme"), "start"),
        (("impact", "dataset:4000000", "--realm", "acme"), "There is no dataset:4000000"),
        (("impact", "dataset:1"), "Say which --realm"),
        (("impact", "dataset:1", "--realm", "nowhere"), "no realm nowhere"),
        (("export", "--realm", "acme", "--depth", "50"), "depth"),
    ):
        answer = call(app, *args)
        assert answer.exit_code == 2
        assert words in answer.output
