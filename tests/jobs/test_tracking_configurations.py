"""Plans are registered once and never changed."""

import pytest

from tests.jobs.tracking import STEPS, Program


def test_the_same_again_is_known_in_any_order(provider: Program) -> None:
    first = provider.register()
    again, turned = provider.register(), provider.register(steps=STEPS[::-1])

    assert [each.status_code for each in (first, again, turned)] == [201, 200, 200]
    assert first.get_json()["id"] == turned.get_json()["id"]
    assert [step["tag"] for step in turned.get_json()["steps"]] == ["fetch", "run", "return"]


def test_other_content_of_a_known_version_is_refused_with_the_differences(provider: Program) -> None:
    provider.register()
    answer = provider.register(steps=[STEPS[0], {**STEPS[1], "points": 9}, STEPS[2]])

    assert (answer.status_code, answer.get_json()["code"]) == (409, "exists")
    assert answer.get_json()["changes"] == [{"path": "steps.run.points", "old": 8, "new": 9}]
    assert provider.get("/configurations").get_json()["items"][0]["steps"][1]["points"] == 8


def test_the_newest_is_the_latest_even_when_it_is_lower(provider: Program) -> None:
    provider.register()
    lower = provider.register(version="0.9.0").get_json()

    assert lower["latest"]
    assert "1.0.0 is a higher version" in lower["warning"]
    shown = provider.get("/configurations?tag=lung&version=latest").get_json()["items"]
    assert [each["version"] for each in shown] == ["0.9.0"]


def test_they_are_paged_and_one_that_arrives_moves_no_page(provider: Program) -> None:
    for version in ("1.0.0", "1.1.0"):
        provider.register(version=version)
    first = provider.get("/configurations?limit=1").get_json()
    provider.register(version="1.2.0")
    second = provider.get(f"/configurations?limit=1&after={first['next']}").get_json()

    assert [(row["version"], row["latest"]) for row in first["items"]] == [("1.1.0", True)]
    assert [(row["version"], row["latest"]) for row in second["items"]] == [("1.0.0", False)]
    assert second["next"] is None


def test_an_open_run_keeps_its_plan(provider: Program) -> None:
    provider.register()
    run = provider.open()
    provider.register(version="1.1.0", steps=[STEPS[0], {**STEPS[1], "points": 98}, STEPS[2]])

    assert provider.send(run, "step", "fetch")["progress"] == 10.0
    newer = provider.open("434")
    assert (newer["version"], provider.send(newer, "step", "fetch")["progress"]) == ("1.1.0", 1.0)
    assert provider.open("435", version="1.0.0")["version"] == "1.0.0"


def test_everything_that_is_wrong_is_named(provider: Program) -> None:
    values = [{"name": "a"}, {"name": "a", "kind": "shape"}]
    steps = [{"tag": "x", "name": "X", "points": -1}, {"tag": "x", "name": "", "metadata": values}]
    answer = provider.register(version="1.0", steps=steps)

    assert answer.status_code == 422
    found = {(each["pointer"], each["code"]) for each in answer.get_json()["errors"]}
    assert found == {
        ("/version", "bad_version"),
        ("/steps/0/points", "bad_points"),
        ("/steps/0/tag", "duplicate"),
        ("/steps/1/tag", "duplicate"),
        ("/steps/1/name", "required"),
        ("/steps/1/metadata/0/name", "duplicate"),
        ("/steps/1/metadata/1/name", "duplicate"),
        ("/steps/1/metadata/1/kind", "unknown_kind"),
    }


@pytest.mark.parametrize("points", [1.5, "1", True, None])
def test_points_are_whole_numbers(provider: Program, points: object) -> None:
    answer = provider.register(steps=[{"tag": "a", "name": "A", "points": points}])

    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/steps/0/points")


def test_a_plan_may_have_no_steps(provider: Program) -> None:
    assert provider.register(steps=[]).status_code == 201
    assert provider.open()["progress"] is None
