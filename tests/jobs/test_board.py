"""The board."""

from datetime import timedelta

from flask import Flask

from app.db import utcnow
from tests.browser import Browser
from tests.jobs.counting import statements
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import Json, facet, job_type, run

URL = "/r/acme/jobs"


def ago(minutes: float) -> str:
    """Return an event time before now."""
    return (utcnow() - timedelta(minutes=minutes)).isoformat()


def failed(run_id: str, job: str, message: str, minutes: float) -> Json:
    """Return the end of a run that failed."""
    return run(run_id, job, "FAIL", facets={"errorMessage": facet(message=message)}, eventTime=ago(minutes))


def test_the_board_shows_what_runs_waits_and_streams(client: Browser, intake: Intake) -> None:
    intake.take(
        run("r1", "busy", "START", eventTime=ago(5)),
        run("r2", "patient", "OTHER", eventTime=ago(5)),
        run("r3", "endless", "START", eventTime=ago(9), job_facets=job_type("FLINK", "JOB", "STREAMING")),
    )

    text = client.get(URL).text

    running, queued, streaming = text.index('id="running"'), text.index('id="queued"'), text.index('id="streaming"')
    assert running < text.index(">busy<") < queued < text.index(">patient<") < streaming < text.index(">endless<")


def test_failures_of_a_day_are_grouped_by_their_first_line(client: Browser, intake: Intake) -> None:
    intake.take(
        failed("r1", "one", "disk full\non a", 5),
        failed("r2", "two", "disk full\non b", 9),
        failed("r3", "old", "long ago", 60 * 30),
    )

    text = client.get(URL).text

    assert text.count(">disk full<") == 1
    assert "2 runs, last" in text
    assert "long ago" not in text


def test_counts_lead_to_the_runs_they_count(client: Browser, intake: Intake) -> None:
    intake.take(failed("r1", "one", "x", 5))
    text = client.get(URL).text
    link = next(part.partition('"')[0] for part in text.split('href="') if part.startswith(f"{URL}/runs?status=failed"))

    assert ">one<" in client.get(link.replace("&amp;", "&")).text


def test_an_empty_board_says_how_to_fill_it(client: Browser, intake: Intake) -> None:
    assert intake
    assert "Nothing has run lately" in client.get(URL).text


def test_more_runs_cost_no_more_statements(app: Flask, client: Browser, intake: Intake) -> None:
    intake.take(failed("r0", "one", "x", 5))
    client.get(URL)
    with statements(app) as few:
        client.get(URL)
    intake.take(*(failed(f"r{index}", f"job-{index}", f"y{index}", 5) for index in range(40)))
    with statements(app) as many:
        client.get(URL)

    assert len(few) == len(many) <= 10


def test_times_within_a_message_do_not_make_it_another_cause(client: Browser, intake: Intake) -> None:
    intake.take(
        failed("r1", "one", "Command failed at 05:45:00.372453 after 1046.86 seconds", 5),
        failed("r2", "two", "Command failed at 06:01:10.100000 after 3.5 seconds", 9),
        failed("r3", "three", "no answer from 10.20.4.11", 9),
        failed("r4", "four", "no answer from 10.20.4.12", 9),
    )

    text = client.get(URL).text

    assert text.count("Command failed at") == 2, "once to read, once as the title"
    assert text.count(">no answer from") == 2
