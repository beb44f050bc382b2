"""The quick way of reading events finds what the long way finds, or leaves them to it."""

import json
from typing import Any

import msgspec
import pytest

from app.lineage.openlineage import quick
from app.lineage.openlineage.parse import Event, parse
from tests.benchmarks.events import synthetic
from tests.lineage.openlineage_events import facet, run, table

ORDINARY = run("r", "load", inputs=[table("a", schema=facet(fields=[]))], outputs=[table("b")], facets={"x": facet()})
DEEP: Any = {}
for _ in range(198):
    DEEP = {"a": DEEP}


def told(event: Event | None) -> dict[str, Any]:
    """Return everything an event says, its body as JSON."""
    assert event is not None
    found: Any = msgspec.to_builtins(event, builtin_types=(bytes,))
    return {**found, "body": json.loads(event.body)}


@pytest.mark.parametrize("raw", [json.dumps(ORDINARY).encode(), *synthetic(1)])
def test_an_ordinary_event_is_read_alike_on_both_ways_however_often_it_comes(raw: bytes) -> None:
    compact = json.dumps(json.loads(raw), separators=(",", ":")).encode()

    assert told(quick.read(raw)) == told(quick.read(raw)) == told(parse(raw))
    assert told(quick.read(compact)) == {**told(parse(raw)), "size": len(compact)}


@pytest.mark.parametrize(
    "change",
    [
        {"vendor": 1},
        {"eventTime": "yesterday"},
        {"producer": None},
        {"producer": "https://me:secret@example.com"},
        {"run": {"runId": ""}},
        {"run": {"runId": "r", "facets": {"x": 1}}},
        {"run": {"runId": "r", "facets": {"x": {"password": "p"}}}},
        {"run": {"runId": "r", "facets": {"x": {"text": "a\0b"}}}},
        {"run": {"runId": "r", "facets": {"x": DEEP}}},
        {"run": {"runId": "r", "facets": {"://me:p@host": {}}}},
        {"job": {"namespace": "n", "name": "a" * 4_097}},
        {"job": None},
    ],
)
def test_an_unusual_event_goes_the_long_way(change: dict[str, Any]) -> None:
    assert quick.read(json.dumps({**ORDINARY, **change}).encode()) is None


def test_what_cannot_be_read_is_left_to_the_long_way_to_say_so() -> None:
    assert quick.read(b'{"eventTime": NaN') is None
    assert quick.read(json.dumps(ORDINARY).encode().replace(b"load", b"\xff")) is None


def test_facets_are_forgotten_when_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "REMEMBERED", 100)

    for number in range(9):
        raw = json.dumps(run("r", "load", facets={"x": facet(text=str(number) * 50)})).encode()
        assert told(quick.read(raw)) == told(parse(raw))
