"""The report holds every event of a span of time."""

import csv
import io
from typing import Any

from tests.jobs.tracking import Program


def rows(provider: Program, query: str = "") -> list[dict[str, Any]]:
    """Return the lines of the CSV."""
    answer = provider.get(f"/report?format=csv{query}")
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


def test_its_span_begins_with_the_start_and_ends_before_the_end(provider: Program) -> None:
    provider.register()
    run = provider.open()
    for day in (1, 2, 3):
        provider.send(run, "info", occurred_at=f"2026-01-0{day}T00:00:00Z")

    found = rows(provider, "&start=2026-01-01&end=2026-01-03")
    assert [each["occurred_at"] for each in found] == ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]
    assert len(rows(provider)) == 3
    provider.send(run, "info")
    assert len(rows(provider)) == 4
    assert provider.get("/report").get_json()["count"] == 4


def test_cells_are_safe_and_whole(provider: Program) -> None:
    provider.register()
    run = provider.open()
    name = '=HYPERLINK("x"), a "quoted" one'
    provider.send(run, "complete", "run", name=name, metadata={"note": "two\nlines", "b": 1})

    [row] = rows(provider)
    assert row["name"] == f"'{name}"
    assert row["metadata"] == '{"note": "two\\nlines", "b": 1}'
    assert (row["points"], row["step_name"], row["provider"], row["kind"]) == ("8", "Run", "clinic", "complete")


def test_more_than_one_piece_is_read(provider: Program, monkeypatch: Any) -> None:
    monkeypatch.setattr("app.jobs.reads.report.CHUNK", 2)
    run = provider.open(job="x")
    at = "2026-01-01T00:00:00Z"
    provider.post(f"/runs/{run['id']}/events", [{"kind": "info", "name": str(n), "occurred_at": at} for n in range(5)])

    assert [row["name"] for row in rows(provider)] == list("01234")
    assert rows(provider, "&tag=y") == []
    assert len(rows(provider, "&tag=x")) == 5


def test_analytics_count_the_runs_of_a_month(provider: Program) -> None:
    assert provider.get("/analytics").get_json()["years"] == []
    for number, kind in enumerate(("complete", "error", "complete")):
        run = provider.open(str(number), job="x")
        provider.send(run, "start", occurred_at="2026-01-31T23:59:59Z")
        provider.send(run, kind, occurred_at="2026-02-01T00:00:59Z")

    found = provider.get("/analytics?year=2026&by=status").get_json()
    assert found["months"][0] == {
        "month": "2026-01", "runs": 3, "success": 2 / 3, "by": {"completed": 2, "failed": 1},
    }  # fmt: skip
    assert provider.get("/analytics?year=99999").status_code == 422
