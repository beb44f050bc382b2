"""Commands for runs: what they print, and how they end."""

import json
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from tests.jobs.tracking import Program


@pytest.fixture
def run(provider: Program) -> dict[str, Any]:
    """A queued run of the plan of most tests."""
    provider.register()
    return provider.open()


def say(app: Flask, *args: str) -> Result:
    """Run a command on ``acme``."""
    return app.test_cli_runner().invoke(app.cli.commands["jobs"], [*args, "--realm", "acme"])


def test_runs_are_listed_and_shown(app: Flask, provider: Program, run: dict[str, Any]) -> None:
    provider.send(run, "step", "fetch")

    result = say(app, "list", "--status", "running", "--json")
    assert (result.exit_code, result.exception) == (0, None), result.output
    listed = json.loads(result.stdout)
    assert [(each["external_id"], each["progress"]) for each in listed] == [("433", 10.0)]
    assert "running       10 %  lung 433" in say(app, "list").stdout
    assert json.loads(say(app, "show", run["id"], "--json").stdout)["number"] == run["number"]
    assert json.loads(say(app, "stalled", "--json").stdout) == []


def test_a_run_is_cancelled_and_tried_again(app: Flask, provider: Program, run: dict[str, Any]) -> None:
    number = str(run["number"])

    assert say(app, "cancel", number, "--why", "wrong input").stdout == f"Run {number} is cancelled.\n"
    assert say(app, "cancel", number).exit_code == 4
    again = json.loads(say(app, "retry", number, "--json").stdout)
    assert again["attempt"] == 2
    assert provider.get(f"/runs/{again['id']}").get_json()["status"] == "queued"


def test_what_is_not_there_ends_with_three(app: Flask, run: dict[str, Any]) -> None:
    assert run
    for name in ("4000000", "x", "9" * 40, "x" * 36):
        result = say(app, "show", name)
        assert (result.exit_code, result.stdout) == (3, "")
        assert "There is no run" in result.stderr
    assert app.test_cli_runner().invoke(app.cli.commands["jobs"], ["list", "--realm", "x"]).exit_code == 3
    assert say(app, "list", "--status", "odd").exit_code == 2


def test_the_report_is_printed(app: Flask, provider: Program, run: dict[str, Any]) -> None:
    provider.send(run, "step", "fetch", name="done")

    head, line = say(app, "report", "--tag", "lung").stdout.splitlines()
    assert head.startswith("run,external_id,attempt")
    assert ",done," in line


def test_keys_are_listed_and_expire(app: Flask, provider: Program) -> None:
    def key(*args: str) -> Result:
        return app.test_cli_runner().invoke(app.cli.commands["key"], [*args, "--realm", "acme"])

    [only] = json.loads(key("list", "--user", "clinic", "--json").stdout)
    assert provider.key.startswith(only["key"].rstrip("*"))
    assert (key("expire", only["id"]).exit_code, key("expire", only["id"]).exit_code) == (0, 1)
    assert provider.get("/runs").status_code == 401
