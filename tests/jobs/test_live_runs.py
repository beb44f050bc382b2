"""Pages of tracked runs keep themselves true: regions by event, each only when it looks different."""

import time
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.jobs import live_parts
from app.realms.models import Realm
from tests.browser import Browser
from tests.delivery.live import Watching, hub, stream_url, watch, watch_url
from tests.jobs.tracking import Program, member


@pytest.fixture(autouse=True)
def closed(app: Flask) -> Iterator[None]:
    """Nobody watches after a test."""
    yield
    hub(app).send_away()


def test_a_run_is_watched_from_its_first_event_to_its_end(client: Browser, provider: Program) -> None:
    provider.register()
    run = provider.open()
    page = f"/r/acme/jobs/runs/{run['id']}"
    watching = watch(client, page)
    provider.send(run, "step", "fetch")
    watching.wait(4)
    first = _sent(watching)
    assert {"head", "step-1"} <= set(first)
    html = client.get(page, headers={"HX-Target": "section#steps", "HX-Live": "poll"}).get_data(as_text=True)
    assert first["step-1"] in html
    provider.send(run, "complete")

    assert watching.ended()
    assert watching.messages[-1].event == "bye"
    assert stream_url(client.get(page).get_data(as_text=True)) == ""


def test_a_note_adds_one_line_to_the_timeline_however_long_it_is(client: Browser, provider: Program) -> None:
    provider.register()
    run = provider.open()
    for number in range(30):
        provider.send(run, "info", name=f"note {number}")
    watching = watch(client, f"/r/acme/jobs/runs/{run['id']}")
    provider.send(run, "info", name="the newest")
    until = time.monotonic() + 5
    while "timeline-list" not in (sent := _sent(watching)) and time.monotonic() < until:
        time.sleep(0.02)

    assert "timeline" not in sent
    assert (sent["timeline-list"].count("<li"), "the newest" in sent["timeline-list"]) == (1, True)


def test_a_customer_is_told_of_his_runs_and_of_no_others(
    client: Browser, session: Session, realm: Realm, provider: Program
) -> None:
    pat, kim = (member(session, realm, name, Role.CUSTOMER, "jobs.read") for name in ("pat", "kim"))
    provider.register()
    browser = client.as_(pat)
    url = stream_url(browser.get("/r/acme/jobs/runs").get_data(as_text=True))
    assert f"runs:{pat.id}" in url
    watching = watch_url(browser, url)
    provider.open("of-kim", customer=kim.name)
    provider.open("of-pat", customer=pat.name)
    seen = "".join(html for each in watching.wait() for _target, html in each.partials)

    assert ("of-pat" in seen, "of-kim" in seen) == (True, False)
    for scope in ("all", str(kim.id)):
        assert watch_url(browser, url.replace(f"runs:{pat.id}", f"runs:{scope}")).answer.status_code == 404


def test_lines_of_a_log_are_added_to_those_that_were_sent() -> None:
    old, new = (f'<h2>{size} B</h2>\n<pre><code id="log-text">{{}}</code></pre>' for size in (1, 2))
    head = '<div class="section-head" id="log-head">'
    parts = live_parts.log(head + old.format("a\nb\n"), head + new.format("b\nc\n"))

    assert parts == [("log-head", "outerMorph", f"{head}<h2>2 B</h2>"), ("log-text", "beforeend", "c\n")]
    assert live_parts.log(head + old.format("a\n"), head + new.format("x\ny\n")) is None


def test_the_list_of_configurations_shows_a_new_version(client: Browser, provider: Program) -> None:
    provider.register()
    watching = watch(client, "/r/acme/jobs/configurations")
    provider.register(version="1.1.0")

    watching.wait(1)
    assert "1.1.0" in watching.messages[-1].data


def _sent(watching: Watching) -> dict[str, str]:
    return dict(part for each in list(watching.messages) for part in each.partials)
