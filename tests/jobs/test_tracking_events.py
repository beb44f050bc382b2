"""Events move a run: weights, kinds, ends; known ones write nothing."""

from tests.jobs.tracking import Program


def test_percent_is_weighted_and_the_last_step_completes_the_run(provider: Program) -> None:
    provider.register()
    run = provider.open()

    found = [provider.send(run, "complete", step) for step in ("fetch", "run", "return")]

    assert [each["progress"] for each in found] == [10.0, 90.0, 100.0]
    assert [each["status"] for each in found] == ["running", "running", "completed"]
