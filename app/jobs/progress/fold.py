"""Reports of one attempt folded into its state: in any order, any number of times (specification of jobs, 3.3-3.5).

Everything kept is a newest by (time, sequence), an earliest or a greatest, so that adding reports is commutative and
adding one again changes nothing; what is kept does not grow with the number of reports.
"""

from collections.abc import Iterable

import msgspec

from app.jobs.progress.kept import Kept, Place, Report, Said, StepFold, Way
from app.jobs.progress.plan import Plan
from app.jobs.progress.view import View, view

__all__ = ["Fold", "Report", "View", "refold"]


class Fold(Kept, omit_defaults=True):
    """What the reports of an attempt add up to."""

    @classmethod
    def from_json(cls, text: str) -> "Fold":
        """Return what ``to_json`` wrote; ``{}`` is the fold of nothing."""
        return msgspec.json.decode(text, type=cls)

    def to_json(self) -> str:
        """Return the fold as JSON text."""
        return msgspec.json.encode(self).decode()

    def add(self, report: Report) -> None:
        """Take in a report."""
        self._grow(report)
        self._stand(report, (report.at, report.sequence))

    def replace(self, old: Report, new: Report) -> bool:
        """Let a report stand in for another; False when that one decides something: then ``refold`` is needed."""
        place = (old.at, old.sequence)
        if self.holds(place):
            return False
        self._grow(new)
        self._stand(new, place)
        return True

    def holds(self, place: Place) -> bool:
        """Return whether the report at a place decides a status, a state or what a step tells."""
        ends = (said.place for said in (self.newest, self.end) if said is not None)
        return place in ends or any(place in {step.place, step.told} for step in self.steps.values())

    def view(self, plan: Plan | None = None) -> View:
        """Return status, progress, times and steps under a plan; without one the steps are those that were named."""
        return view(self, plan)

    def _grow(self, report: Report) -> None:
        """Take in what never goes back: beginnings, completions, fractions."""
        at, is_work = report.at, report.kind != "info" and report.state != "pending"
        if is_work or report.ends in {"completed", "failed"}:
            self.began = _first(self.began, at)
        if report.ends == "completed":
            self.completed = _first(self.completed, at)
        if report.progress is not None and is_work and report.kind != "error":
            self.way = self.way or Way()
            self.way.reach(report.progress / 100, at)
        if report.step is not None:
            self._step(report, is_work=is_work)

    def _step(self, report: Report, *, is_work: bool) -> None:
        place = (report.at, report.sequence)
        step = self.steps.setdefault(report.step or "", StepFold(first=place))
        step.first = min(step.first, place)
        if report.state == "running":
            step.began = _first(step.began, report.at)
        elif report.state == "completed":
            step.done = _first(step.done, report.at)
        if report.fraction is not None and is_work:
            step.way.reach(report.fraction, report.at)

    def _stand(self, report: Report, place: Place) -> None:
        """Take in what the newest report decides."""
        if report.ends is not None:
            self.end = _newer(self.end, Said(place, report.at, report.ends, report.reason, report.by))
        if report.kind != "info" and report.state != "pending":
            self.newest = _newer(
                self.newest, Said(place, report.at, report.kind, report.reason, report.by, report.step)
            )
        if report.step is None:
            return
        step = self.steps[report.step]
        if report.state is not None and (step.place is None or place >= step.place):
            step.state, step.place, step.at = report.state, place, report.at
        if report.metadata is not None and (step.told is None or place >= step.told):
            step.metadata, step.told = report.metadata, place


def refold(reports: Iterable[Report]) -> Fold:
    """Return the fold of all reports of an attempt, updates included.

    The newest update stands in the place of what it updates; the others count only for what they had completed.
    """
    known = {report.sequence: report for report in reports}
    standing = {_origin(report, known): report for _, report in sorted(known.items())}
    fold = Fold()
    for report in known.values():
        fold._grow(report)  # noqa: SLF001 - one class in two functions
    for sequence, report in standing.items():
        fold._stand(report, (known[sequence].at, sequence))  # noqa: SLF001 - the same
    return fold


def _origin(report: Report, known: dict[int, Report]) -> int:
    while report.replaces is not None and report.replaces in known and report.replaces < report.sequence:
        report = known[report.replaces]
    return report.sequence


def _first(known: int | None, at: int) -> int:
    return at if known is None else min(known, at)


def _newer(known: Said | None, said: Said) -> Said:
    return said if known is None or said.place >= known.place else known
