"""The form of a plan: its names, its steps line by line, or all of it as JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from werkzeug.datastructures import MultiDict
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from app.jobs.plan_text import read, written
from app.jobs.progress.plan import PlannedStep, PlannedValue
from app.refusal import Problem, Refused
from app.web.forms import BaseForm

LEAST_ROWS, MORE_ROWS = 3, 5
MOST_ROWS = 1_000
COLUMNS = ("tag", "name", "points", "required", "values")


class PlanForm(BaseForm):
    """What a plan is called, whose it is, and its version."""

    provider = StringField(
        "Provider",
        [Length(max=100, message="Use at most 100 characters.")],
        description="The login of the account whose programs will report runs of it.",
        render_kw={"autocomplete": "off"},
    )
    tag = StringField("Tag", description="What programs call it by, such as lung.", render_kw={"autocomplete": "off"})
    name = StringField("Name", description="What people read.")
    version = StringField("Version", description="MAJOR.MINOR.PATCH, such as 1.2.0. A version is never changed.")
    text = TextAreaField("The plan as JSON", render_kw={"rows": 24, "spellcheck": "false"})


@dataclass(frozen=True, slots=True)
class StepRow:
    """A line of the form as typed; ``error`` is what is wrong with it."""

    tag: str = ""
    name: str = ""
    points: str = "1"
    required: str = "yes"
    values: str = ""
    error: str = ""

    @property
    def is_blank(self) -> bool:
        """Return whether nothing was typed that tells of a step."""
        return not (self.tag or self.name or self.values)


def rows_of(given: MultiDict[str, str]) -> list[StepRow]:
    """Return the lines of a form as they were sent, at most 1,000; blank ones at its end are left out."""
    columns = [[text.strip() for text in given.getlist(f"step_{name}")[:MOST_ROWS]] for name in COLUMNS]
    found = [StepRow(*each) for each in zip(*columns, strict=False)]
    while found and found[-1].is_blank:
        found.pop()
    return found


def rows_from(steps: Sequence[PlannedStep]) -> list[StepRow]:
    """Return steps as lines of a form."""
    return [
        StepRow(step.tag, step.name, str(step.points), "yes" if step.required else "no", written(step.metadata))
        for step in steps
    ]


def with_blanks(rows: list[StepRow], more: int = 0) -> list[StepRow]:
    """Return the lines with some blank ones behind them."""
    return [*rows, *[StepRow()] * max(LEAST_ROWS - len(rows), 1 + more)]


def steps_of(rows: Sequence[StepRow]) -> tuple[PlannedStep, ...]:
    """Return the steps that lines tell; raises Refused 422 with the place of each that is wrong."""
    steps: list[PlannedStep] = []
    problems: list[Problem] = []
    for index, row in enumerate(row for row in rows if not row.is_blank):
        try:
            steps.append(_step(row, f"/steps/{index}"))
        except Refused as refusal:
            problems.extend(refusal.problems)
    if problems:
        raise Refused(*problems)
    return tuple(steps)


def _step(row: StepRow, path: str) -> PlannedStep:
    try:
        points = int(row.points or "1")
    except ValueError:
        raise Refused(Problem("bad_points", "Points are whole numbers.", f"{path}/points", row.points[:100])) from None
    return PlannedStep(row.tag, row.name or row.tag, points, row.required != "no", read(row.values, f"{path}/values"))


def parsed(text: str) -> Any:
    """Return JSON that was typed; raises Refused 422 (field ``text``) with the line where it ends to be JSON."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Refused(Problem("bad_json", f"Line {error.lineno}: {error.msg}.", "text")) from None
    except (RecursionError, ValueError):
        raise Refused(Problem("bad_json", "This is no JSON.", "text")) from None


def as_json(tag: str, name: str, version: str, steps: Sequence[PlannedStep]) -> str:
    """Return a plan as JSON that registers it."""
    told = {"tag": tag, "name": name, "version": version, "steps": [_told(step) for step in steps]}
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


def _told(step: PlannedStep) -> dict[str, Any]:
    told: dict[str, Any] = {"tag": step.tag, "name": step.name, "points": step.points}
    if not step.required:
        told["required"] = False
    if step.metadata:
        told["metadata"] = [dict(_members(value)) for value in step.metadata]
    return told


def _members(value: PlannedValue) -> Iterator[tuple[str, Any]]:
    yield "name", value.name
    yield "kind", value.kind
    if value.units:
        yield "units", value.units
    if value.private:
        yield "private", True
