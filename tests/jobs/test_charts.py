"""Time lines, durations and marked SQL: pure functions."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.jobs.facets import web_link
from app.jobs.gantt import WIDTH, Span, gantt
from app.jobs.highlight import sql
from app.jobs.timing import change, grown, usual
from app.lineage.conditions import words
from app.web.prose import prose

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Timed:
    status: str
    began_at: datetime
    ended_at: datetime | None
    started_at: datetime | None = None


def span(start: float | None, end: float | None, *, is_open: bool = False) -> Span:
    """Return a span in minutes after the morning."""
    moment = [None if each is None else START + timedelta(minutes=each) for each in (start, end)]
    return Span(moment[0], moment[1], is_open)


def test_bars_lie_where_their_time_is() -> None:
    chart = gantt(
        [span(0, 10), span(5, 10), span(5, None, is_open=True), span(None, None)], START + timedelta(minutes=20)
    )

    whole, half, growing, nothing = chart.bars
    assert whole is not None
    assert half is not None
    assert growing is not None
    assert (whole.x, whole.width) == (0, WIDTH / 2)
    assert (half.x, half.width) == (WIDTH / 4, WIDTH / 4)
    assert growing.length == timedelta(minutes=15)
    assert nothing is None


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(-10, 10_000)), max_size=20))
def test_bars_stay_on_the_line(pairs: list[tuple[int, int]]) -> None:
    chart = gantt([span(start, start + took) for start, took in pairs], START)

    for bar in chart.bars:
        assert bar is not None
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH + 0.2


def test_what_is_usual_comes_from_completed_runs() -> None:
    lengths = [1, 2, 3, 4, 5]
    runs = [Timed("completed", START, START + timedelta(seconds=each)) for each in lengths]

    found = usual([*runs, Timed("failed", START, START), Timed("running", START, None)], START)

    assert (found.median, found.p80, found.success) == (3, 4, 5 / 6)


def test_growth_is_said_in_whole_percent() -> None:
    assert [grown(each) for each in (0.2, -0.4, 12.4, -3.0)] == ["0 %", "0 %", "+12 %", "−3 %"]
    assert change(5, 0) is None
    assert change(3, 2) == 50


@given(st.text())
@example("SELECT 'a''b' -- c")
@example('select "from" from `x` /* open')
@example("'never closed")
@example("<b>&amp;")
def test_marked_sql_is_the_same_text(text: str) -> None:
    assert unescape(re.sub(r"</?span[^>]*>", "", sql(text))) == text


@pytest.mark.parametrize(
    "url", ["javascript:x", "//host/x", "ftp://h", "https://", "http://[", None, 7, "data:text/html,x"]
)
def test_only_web_addresses_are_links(url: object) -> None:
    assert web_link(url) is None


def test_markdown_of_strangers_cannot_run() -> None:
    html = prose("<script>x</script>\n\n![a](http://x/y.png)\n\n# h\n\n[a](data:text/html,x) `<b>`")

    assert "<script" not in html
    assert "<img" not in html
    assert "<h3>h</h3>" in html
    assert "data:" not in html.partition("<h3>")[2].partition("href")[2]


def test_a_condition_is_said_in_words() -> None:
    text = (
        '{"inputCondition":{"type":"binary","operator":"AND","left":{"type":"compare","comparison":"EQUAL",'
        '"left":{"type":"field","field":"country"},"right":{"type":"literal","value":"DE"}},'
        '"right":{"type":"partition","partitions":[{"identifier":"p1","dimensions":{"day":"2026-01-01"}}]}}}'
    )

    assert words(text) == "country = DE and partitions day=2026-01-01"
    assert [words(each) for each in (None, "", "[]", "{", '{"type":"odd"}')] == [""] * 5
