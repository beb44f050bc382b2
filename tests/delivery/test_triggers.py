"""Which changes a hook wants."""

from typing import Any

import pytest

from app.accounts.models import User
from app.delivery.triggers import Known, Seen, first_failure, read, wants
from app.refusal import Refused
from tests.delivery.house import House
from tests.delivery.receiver import Receiver

KNOWN = Known(["run", "dataset"], ["failed", "late", "completed"])
FIELDS = [{"field": "status", "old": "running", "new": "failed"}]
SEEN = Seen("run.failed", "run", "17", "nightly_load", "ada", frozenset({"key"}), FIELDS)


def trigger(*on: str, match: str = "all", filters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    found, problems = read({"on": list(on), "match": match, "filters": filters or []}, KNOWN)
    assert problems == []
    return found


@pytest.mark.parametrize("on", ["run.failed", "run.*", "*.failed", "*"])
def test_a_verb_is_named_whole_by_kind_by_act_or_not_at_all(on: str) -> None:
    assert wants(trigger(on), SEEN)
    assert not wants(trigger("run.late", "dataset.*", "*.late"), SEEN)


@pytest.mark.parametrize(
    ("fits", "filters"),
    [
        (True, {"name": "^night"}),
        (False, {"name": "^load"}),
        (True, {"field": {"name": "status"}}),
        (True, {"field": {"name": "status", "old": "^running$", "new": "fail"}}),
        (False, {"field": {"name": "status", "new": "^running$"}}),
        (True, {"actor": {"user": "ada"}}),
        (True, {"actor": {"kind": "key"}}),
        (False, {"actor": {"kind": "person"}}),
        (True, {"entity": {"kind": "run", "id": "17"}}),
        (False, {"entity": {"kind": "run", "id": "18"}}),
    ],
)
def test_a_filter_narrows_what_is_sent(fits: bool, filters: dict[str, Any]) -> None:
    assert wants(trigger("run.failed", filters=[filters]), SEEN) is fits


def test_all_filters_or_any_of_them() -> None:
    two: list[dict[str, Any]] = [{"name": "^night"}, {"actor": {"user": "bob"}}]

    assert not wants(trigger("*", filters=two), SEEN)
    assert wants(trigger("*", match="any", filters=two), SEEN)
    assert first_failure(trigger("*", filters=two), SEEN) == 'the filter {"actor": {"user": "bob"}} does not fit'
    assert first_failure(trigger("run.late"), SEEN) == "run.failed is not among run.late"


def test_everything_that_is_wrong_with_a_hook_is_named_at_once(house: House, owner: User, receiver: Receiver) -> None:
    bad: dict[str, Any] = {
        "trigger": {"on": ["run.faild"], "filters": [{"name": "(?=a)"}, {"name": "a" * 201}, {"nme": "x"}]},
        "target": {"headers": {"Host": "x", "webhook-id": "1"}, "body": "custom", "template": '{"a": "{{entity}}"}'},
        "timeout": 1,
    }

    with pytest.raises(Refused) as refused:
        house.hook(owner, "https://10.0.0.5/", **bad)

    found = {(problem.field, problem.code) for problem in refused.value.problems}
    assert found == {
        ("/trigger/on/0", "unknown_verb"),
        ("/trigger/filters/0/name", "bad_pattern"),
        ("/trigger/filters/1/name", "bad_pattern"),
        ("/trigger/filters/2/nme", "unknown_filter"),
        ("/hook/headers/Host", "kept_header"),
        ("/hook/headers/webhook-id", "kept_header"),
        ("/hook/template", "unknown_place"),
        ("/hook/url", "blocked_address"),
        ("/timeout", "out_of_range"),
    }
    near = next(problem for problem in refused.value.problems if problem.code == "unknown_verb")
    assert "Did you mean “run.failed”?" in near.detail
