"""Patterns of noise and of groups: what they match, what varies, and that none takes for ever."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lineage.graph.patterns import (
    DEFAULT_GROUPS,
    DEFAULT_NOISE,
    DEFAULTS,
    NO_IO,
    base,
    effective,
    group_problem,
    matches,
    problem,
)

DAYS = ("events/*-*-*/part-*", "2026-01-02/part-7")


@dataclass
class Row:
    kind: str
    pattern: str
    name: str = ""
    enabled: bool = True


def grouped(name: str, namespace: str = "s3://lake") -> tuple[str, str] | None:
    return next((found for rule in DEFAULT_GROUPS if (found := base(rule.pattern, name, namespace))), None)


def is_noise(namespace: str, name: str) -> bool:
    return any(matches(rule.pattern, namespace, name) for rule in DEFAULT_NOISE)


@pytest.mark.parametrize(
    ("pattern", "namespace", "name", "answer"),
    [
        ("inmemory:**", "inmemory://", "df_1", True),
        ("inmemory:**", "s3://lake", "inmemory", False),
        ("**/_temporary/**", "s3://lake", "orders/_temporary/0/part-1", True),
        ("**/_temporary/**", "s3://lake", "/_temporary/0", True),
        ("**/_temporary/**", "s3://lake", "orders/my_temporary/0", False),
        ("**/tmp_*", "postgres://h:1", "tmp_orders", True),
        ("**/tmp_*", "s3://lake", "a/b/tmp_x", True),
        ("**/tmp_*", "s3://lake", "a/tmp_x/b", False),
        ("**.tmp_*", "postgres://h:1", "shop.public.tmp_orders", True),
        ("s3://lake/*", "s3://lake", "orders", True),
        ("s3://lake/*", "s3://lake", "/orders", True),
        ("s3://lake/*", "s3://lake", "a/orders", False),
        ("s3://lake/**/x", "s3://lake", "x", True),
        ("s3://lake/**/x", "s3://lake", "a/b/x", True),
        ("s3://lake/**/x", "s3://lake", "a/bx", False),
        ("*.stage", "postgres://h:1", "shop.stage", True),
        (r"a\*b", "n", "a*b", True),
        (r"a\*b", "n", "axb", False),
        ("**/{yyyy}/{mm}", "n", "x/2026/12", True),
        ("**/{yyyy}/{mm}", "n", "x/2026/13", False),
        ("part-{n}", "n", "part-00017", True),
        ("", "", "", False),
    ],
)
def test_a_pattern_matches_namespace_and_name(pattern: str, namespace: str, name: str, *, answer: bool) -> None:
    assert matches(pattern, namespace, name) is answer


@pytest.mark.parametrize(
    ("name", "kept", "varies"),
    [
        ("orders/day=2026-03-01", "orders", "day=2026-03-01"),
        ("/data/orders/year=2026/month=03/", "/data/orders", "year=2026/month=03"),
        ("orders/a=b/x/day=1", "orders/a=b/x", "day=1"),
        ("orders/2026", "orders", "2026"),
        ("orders/2026/03", "orders", "2026/03"),
        ("orders/2026/03/01", "orders", "2026/03/01"),
        ("orders/2026/03/01/23", "orders", "2026/03/01/23"),
        ("orders/2026-03-01", "orders", "2026-03-01"),
        ("day=1", "/", "day=1"),
    ],
)
def test_the_default_groups_leave_out_partitions_and_dates(name: str, kept: str, varies: str) -> None:
    assert grouped(name) == (kept, varies)


@pytest.mark.parametrize("name", ["orders", "shop.public.orders", "orders/2026/13", "orders/v2", "a/2026x", "a=b.c/d"])
def test_names_without_partitions_stand_alone(name: str) -> None:
    assert grouped(name, "postgres://h:5432") is None


@pytest.mark.parametrize(
    ("pattern", "name", "namespace", "found"),
    [
        ("**/events_*", "raw/events_1", "", ("raw/events_*", "1")),
        ("s3://lake/events/{yyyy}-{mm}-{dd}/part-*", "events/2026-01-02/part-7", "s3://lake", DAYS),
        ("**/{yyyy}/orders", "a/2026/orders", "", ("a/*/orders", "2026/orders")),
        ("s3://lake/**/{yyyy}", "a/2026", "s3://lake", ("a", "2026")),
        ("s3://lake/**/{yyyy}", "a/2026", "s3://other", None),
        ("s3://*/x", "x", "s3://lake", None),
        ("**", "anything", "", None),
    ],
)
def test_a_group_is_what_stands_before_the_first_placeholder(
    pattern: str, name: str, namespace: str, found: tuple[str, str] | None
) -> None:
    assert base(pattern, name, namespace) == found


@pytest.mark.parametrize(
    "pattern",
    ["", "x" * 501, "{day}=*", "a{", "[a", "a[b]c", "a]", "][]", "a][b]", "*" + "/*" * 30, "a[*]"],
)
def test_a_pattern_that_cannot_be_used_is_told_and_matches_nothing(pattern: str) -> None:
    assert problem(pattern)
    assert len(pattern) > 60 or not matches(pattern, "n", "a")


def test_a_group_rule_says_what_varies() -> None:
    assert group_problem("orders/**") is not None
    assert group_problem("orders/*") is None
    assert problem("orders/**") is None


def test_every_default_can_be_written_down_again() -> None:
    assert [problem(rule.pattern) for rule in DEFAULTS] == [None] * len(DEFAULTS)


def test_what_lives_in_memory_or_is_temporary_is_noise_and_a_table_is_not() -> None:
    assert is_noise("inmemory://", "x")
    assert is_noise("s3://lake", "o/_temporary/0/p")
    assert not is_noise("postgres://h:5432", "shop.public.orders")


def test_a_stored_rule_stands_for_the_default_of_its_pattern() -> None:
    rows = [Row("noise", NO_IO, enabled=False), Row("noise", "mine"), Row("group", "g/*")]
    found = [rule.pattern for rule in effective(rows, "noise")]
    assert found[0] == "mine"
    assert NO_IO not in found
    assert len(found) == len(DEFAULT_NOISE)


@pytest.mark.parametrize(
    "pattern",
    [
        "**a*b",
        "**{key}b",
        "**a" * 9 + "b",
        "*a" * 9 + "b",
        "**/*a*a*a*a/**/{key}=*",
        "**{key}=*x",
        "{n}" * 19 + "x",
        "{key}a" * 9 + "/",
    ],
)
def test_no_pattern_makes_a_long_name_hang(pattern: str) -> None:
    # An engine that goes back and forth would be at it for years.
    assert not matches(pattern, "n", "a" * 4_096)
    assert base(pattern, "a=" * 2_048, "n") is None
    assert not matches(pattern, "n", "1" * 4_096)


@settings(deadline=None)
@given(st.text(alphabet="ab*/{}[]=\\.y", max_size=12), st.text(alphabet="ab/=.2", max_size=12))
def test_any_text_is_a_pattern_or_refused(pattern: str, name: str) -> None:
    found = matches(pattern, "ns", name)
    assert not (found and problem(pattern))
    if base(pattern, name, "ns") is not None:
        assert found


@settings(deadline=None)
@given(st.text(alphabet="ab/.", min_size=1, max_size=10))
def test_a_pattern_without_wildcards_matches_itself(name: str) -> None:
    assert matches(name, "ns", name)
