"""The parameters of the graph: what a URL may ask, and the URL that asks it again."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.lineage.graph.ask import CHOICES, params, question
from app.lineage.graph.model import EVIDENCE, SHOWN, Question, Token
from app.refusal import Refused

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
START = Token("dataset", "17")


def read(query: str, **more: object) -> Question:
    return question(MultiDict(parse_qsl(query, keep_blank_values=True)), NOW, **more)  # type: ignore[arg-type]


def wrong(query: str) -> list[tuple[str | None, str]]:
    with pytest.raises(Refused) as refused:
        read(query)
    assert refused.value.status == 422
    return [(problem.field, problem.code) for problem in refused.value.problems]


def test_a_start_alone_asks_with_every_default() -> None:
    asked = read("start=dataset:17")

    assert asked == Question((START,))
    assert (asked.depth, asked.direction, asked.max, asked.evidence) == (1, "both", 100, SHOWN)
    assert params(asked) == [("start", "dataset:17")]


def test_every_parameter_is_read() -> None:
    asked = read(
        "start=dataset:17,job:5&start=storage:4&direction=up&depth=20&jobs=run&data=column&fold=root&view=window"
        "&since=2026-03-01&until=2026-03-02&as_of=2026-03-03T10:00:00%2B02:00&evidence=explicit,control&noise=show"
        "&group=off&select=group:ab12&open=dataset:17.up&open=job:5.down&hide=job:6&max=250"
    )

    assert asked.start == (START, Token("job", "5"), Token("storage", "4"))
    assert (asked.direction, asked.depth, asked.jobs, asked.data, asked.fold) == ("up", 20, "run", "column", "root")
    assert asked.since == datetime(2026, 3, 1, tzinfo=UTC)
    assert asked.until == datetime(2026, 3, 2, 23, 59, 59, 999999, tzinfo=UTC)
    assert asked.as_of == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert asked.evidence == {"explicit", "control"}
    assert (asked.noise, asked.group, asked.select) == (True, False, Token("group", "ab12"))
    assert asked.opened == ((START, "up"), (Token("job", "5"), "down"))
    assert (set(asked.hide), asked.max) == ({Token("job", "6")}, 250)


def test_a_date_means_the_end_of_that_day_and_a_bare_plus_is_understood() -> None:
    assert read("start=dataset:17&as_of=2026-03-03").as_of == datetime(2026, 3, 3, 23, 59, 59, 999999, tzinfo=UTC)
    assert read("start=dataset:17&as_of=2026-03-03T10:00:00+01:00").as_of == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert read("start=dataset:17&as_of=2026-03-03t10:00:00z").as_of == datetime(2026, 3, 3, 10, tzinfo=UTC)


def test_a_window_is_understood_without_the_word() -> None:
    assert read("start=dataset:17&since=2026-03-01").view == "window"
    assert read("start=dataset:17&view=ever&since=2026-03-01").view == "ever"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start=", "start"),
        ("start=dataset:-1", "start"),
        ("start=dataset:1e9", "start"),
        ("start=table:1", "start"),
        ("start=run:7", "start"),
        ("start=group:ab", "start"),
        ("start=" + ",".join(f"dataset:{number}" for number in range(50)), "start"),
        ("start=dataset:17&depth=0", "depth"),
        ("start=dataset:17&depth=21", "depth"),
        ("start=dataset:17&depth=-1", "depth"),
        ("start=dataset:17&depth=1e9", "depth"),
        ("start=dataset:17&depth=٣", "depth"),
        ("start=dataset:17&depth=2&depth=3", "depth"),
        ("start=dataset:17&max=9", "max"),
        ("start=dataset:17&max=251", "max"),
        ("start=dataset:17&as_of=yesterday", "as_of"),
        ("start=dataset:17&as_of=2026-02-30", "as_of"),
        ("start=dataset:17&as_of=0001-01-01T00:00:00%2B14:00", "as_of"),
        ("start=dataset:17&as_of=2031-01-01", "as_of"),
        ("start=dataset:17&view=window", "since"),
        ("start=dataset:17&since=2026-03-02&until=2026-03-01", "until"),
        ("start=dataset:17&evidence=guess", "evidence"),
        ("start=dataset:17&noise=1", "noise"),
        ("start=dataset:17&open=dataset:17", "open"),
        ("start=dataset:17&open=dataset:17.left", "open"),
        ("start=dataset:17&" + "&".join(f"open=job:{number}.up" for number in range(41)), "open"),
        ("start=dataset:17&hide=x", "hide"),
        ("start=dataset:17&jobs=hidden&data=hidden", "data"),
        ("start=job:5&jobs=hidden", "jobs"),
        ("start=job:5&column=a", "column"),
        ("start=dataset:17&colour=red", "colour"),
    ],
)
def test_a_bad_value_is_refused_by_name(query: str, field: str) -> None:
    assert field in [name for name, _ in wrong(query)]


def test_every_problem_is_named_at_once() -> None:
    found = wrong("depth=0&max=x&as_of=yesterday&colour=red&view=past")

    assert {name for name, _ in found} == {"start", "depth", "max", "as_of", "colour", "view"}


def test_the_page_may_have_parameters_of_its_own() -> None:
    assert read("start=dataset:17&as=table", also=("as", "format")).start == (START,)


moments = st.datetimes(datetime(2020, 1, 1), datetime(2026, 3, 19), timezones=st.just(UTC))  # noqa: DTZ001 - zoned
numbers = st.integers(1, 10**9).map(str)
tokens = st.one_of(
    st.builds(Token, st.sampled_from(["dataset", "job", "storage", "location"]), numbers),
    st.builds(Token, st.sampled_from(["run", "operation"]), st.uuids().map(str)),
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.builds(
        Question,
        start=st.lists(st.builds(Token, st.just("dataset"), numbers), min_size=1, max_size=20, unique=True).map(tuple),
        direction=st.sampled_from(CHOICES["direction"]),
        depth=st.integers(1, 20),
        jobs=st.sampled_from(CHOICES["jobs"]),
        data=st.sampled_from(["dataset", "column"]),
        fold=st.sampled_from(CHOICES["fold"]),
        view=st.sampled_from(["current", "ever"]),
        as_of=st.none() | moments,
        evidence=st.frozensets(st.sampled_from(EVIDENCE), min_size=1),
        noise=st.booleans(),
        group=st.booleans(),
        select=st.none() | tokens,
        opened=st.lists(st.tuples(tokens, st.sampled_from(["up", "down"])), max_size=40, unique=True).map(tuple),
        hide=st.frozensets(tokens, max_size=20),
        max=st.integers(10, 250),
    )
)
def test_what_params_writes_asks_the_same_again(asked: Question) -> None:
    assert read(urlencode(params(asked))) == asked


def test_changes_replace_fields_and_defaults_leave() -> None:
    asked = read("start=dataset:17&depth=3&view=window&since=2026-03-01&until=2026-03-02T10:00:00Z")

    assert params(asked, depth=1) == [
        ("start", "dataset:17"),
        ("view", "window"),
        ("since", "2026-03-01"),
        ("until", "2026-03-02T10:00:00Z"),
    ]
    assert params(asked, view="current", hide=frozenset({Token("run", str(UUID(int=3)))}), noise=True) == [
        ("start", "dataset:17"),
        ("depth", "3"),
        ("noise", "show"),
        ("hide", f"run:{UUID(int=3)}"),
    ]
    assert params(asked, as_of=NOW - timedelta(days=1))[-1] == ("as_of", "2026-03-19T12:00:00Z")
