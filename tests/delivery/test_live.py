"""Live pages: what a watcher gets, when, and what never."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.browser import Browser
from tests.delivery.live import hub, watch
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import run

RUNS = "/r/acme/jobs/runs"


@pytest.fixture(autouse=True)
def closed(app: Flask) -> Iterator[None]:
    """Nobody watches after a test."""
    yield
    for watcher in list(hub(app).watchers):
        hub(app).leave(watcher)


def test_a_committed_change_is_sent_as_a_reload_would_show_it(client: Browser, intake: Intake) -> None:
    watching = watch(client, RUNS)
    intake.take(run("r1", "nightly", "START"))

    target, html = watching.wait()[0].partial

    assert target == "results"
    assert html == client.get(RUNS, headers={"HX-Target": "section#results", "HX-Live": "poll"}).get_data(as_text=True)
    assert "nightly" in html
