"""Unused data: what was written and not read, with what writing it costs."""

import csv
import io
from datetime import timedelta

from app.db import utcnow
from tests.browser import Browser
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import job, run, table

URL = "/r/acme/lineage/unused"


def test_what_nothing_read_is_listed_with_its_cost(intake: Intake, client: Browser) -> None:
    now = utcnow()
    times = [(now - timedelta(days=days)).isoformat() for days in (1, 2, 40)]
    made = table("dead", counts={"rowCount": 10, "size": 2048})
    intake.take(
        *(run(f"w{at}", "build", outputs=[made, table("used"), table("shown")], eventTime=at) for at in times),
        run("r", "report", inputs=[table("used")], eventTime=times[0]),
        job("dashboard", inputs=[table("shown")]),
        run("o", "export", inputs=[table("stale")], outputs=[table("stale")], eventTime=times[2]),
    )

    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(client.get(f"{URL}?format=csv").text))}

    assert set(rows) == {"dead", "stale"}
    assert [rows["dead"][f"{name}_30_days"] for name in ("runs", "rows", "bytes")] == ["2", "20", "4096"]
    assert "dead" in client.get(URL).text
    assert "stale" not in client.get(f"{URL}?unused=90").text


def test_a_realm_without_unused_data_says_so(client: Browser) -> None:
    assert "Nothing is unused" in client.get(URL).text


def test_one_page_takes_five_statements(intake: Intake, client: Browser) -> None:
    intake.take(run("w", "build", outputs=[table(f"t{number}") for number in range(5)], eventTime=utcnow().isoformat()))
    # Four more are those of every list, views saved for it among them; one reads what the filters offer.
    assert client.statements(URL) <= 5 + 5
