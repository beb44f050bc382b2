"""Words of the wire, versions, plans and their differences (acceptance 5, 8 and 9)."""

import pytest

from app.jobs.progress.differences import content_digest, differences
from app.jobs.progress.plan import Plan, PlannedStep, PlannedValue
from app.jobs.progress.semver import is_version, major, precedence
from app.jobs.progress.words import COMPLETE, END, ERROR, INFO, PENDING, RUNNING, STEP, Kind, Noun, read_kind, settled

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Pending", PENDING),
        ("In Progress", RUNNING),
        ("in_progress", RUNNING),
        ("IN-PROGRESS", RUNNING),
        ("started", RUNNING),
        ("start", RUNNING),
        ("step", STEP),
        ("Error", ERROR),
        ("failed", ERROR),
        ("fail", ERROR),
        ("Info", INFO),
        ("done", None),
        ("", None),
    ],
)
def test_case_blanks_and_lines_in_a_kind_do_not_matter(word: str, kind: Kind | None) -> None:
    assert read_kind(word, has_step=True) == kind


def test_a_step_with_a_fraction_below_one_is_running() -> None:
    assert read_kind("step", has_step=True, fraction=0.9) == RUNNING
    assert read_kind("step", has_step=True, fraction=1.0) == STEP


@pytest.mark.parametrize(
    ("word", "has_step", "noun", "kind"),
    [
        ("complete", True, "job", END),
        ("Complete", True, "job", COMPLETE),
        ("complete", True, "study", COMPLETE),
        ("Complete", True, "study", COMPLETE),
        ("complete", True, "own", COMPLETE),
        ("complete", False, "own", END),
        ("COMPLETE", False, "study", END),
    ],
)
def test_complete_ends_a_run_as_each_generation_means_it(word: str, has_step: bool, noun: Noun, kind: Kind) -> None:
    assert read_kind(word, has_step=has_step, noun=noun) == kind


def test_a_clock_more_than_five_minutes_ahead_is_not_believed() -> None:
    now = 1_000 * SECOND
    assert settled(None, now) == (now, False)
    assert settled(now + 300 * SECOND, now) == (now + 300 * SECOND, False)
    assert settled(now + 301 * SECOND, now) == (now, True)
    assert settled(1, now) == (1, False)


@pytest.mark.parametrize(
    "text", ["1", "1.0", "v1.0.0", "01.0.0", "", None, 1, "1.0.0 ", "1.0.0\n", "1.0.0-01", "١.0.0"]
)
def test_what_is_no_semantic_version_is_refused(text: object) -> None:
    assert not is_version(text)


def test_versions_sort_by_precedence() -> None:
    ordered = ["0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0"]
    ordered += ["1.0.1", "1.10.0", "2.0.0-rc.1+b5"]
    assert all(is_version(text) for text in ordered)
    assert sorted(sorted(ordered), key=precedence) == ordered
    assert precedence("1.0.0+a") == precedence("1.0.0+b")
    assert major("12.0.3") == "12"


def test_order_makes_no_other_plan_and_differences_name_their_path() -> None:
    score = PlannedValue("Score", "number", "%")
    run, fetch = PlannedStep("run", "Run", 8, metadata=(score, PlannedValue("Note"))), PlannedStep("fetch", "Fetch", 1)
    old = Plan("Lung", (fetch, run))
    same = Plan("Lung", (PlannedStep("run", "Run", 8, metadata=(PlannedValue("Note"), score)), fetch))
    assert content_digest(old) == content_digest(same)
    assert differences(old, same) == []
    new = Plan("Lung", (PlannedStep("run", "Run", 9, metadata=(PlannedValue("Score", "number"),)), old.steps[0]))
    new = Plan("Lung", (*new.steps, PlannedStep("send", "Send", 1)))
    assert content_digest(old) != content_digest(new)
    assert differences(old, new) == [
        {"path": "steps.run.metadata.Note", "old": "Note", "new": None},
        {"path": "steps.run.metadata.Score.units", "old": "%", "new": None},
        {"path": "steps.run.points", "old": 8, "new": 9},
        {"path": "steps.send", "old": None, "new": "send"},
    ]


def test_dots_in_names_make_no_two_plans_the_same() -> None:
    one = Plan("x", (PlannedStep("a", "b", 1), PlannedStep("a.metadata.c", "b", 1)))
    other = Plan("x", (PlannedStep("a", "b", 1, metadata=(PlannedValue("c"),)),))
    assert content_digest(one) != content_digest(other)
