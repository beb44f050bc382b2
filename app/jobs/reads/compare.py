"""Two runs beside each other: the parts that jobs know of."""

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.jobs import facets as told
from app.jobs.difference import Row, beside, numbered
from app.jobs.queries import runs as queries
from app.jobs.reads import runs as reads
from app.jobs.reads.board import first_line
from app.jobs.reads.runs import Opened
from app.jobs.shown import status

LEVELS = 3
CODE = ("version", "tag", "branch", "path", "url", "repoUrl")
CODE_WORDS = {"repoUrl": "repository", "url": "address"}
PROPERTIES = ("spark_properties", "spark_conf")


@dataclass(frozen=True, slots=True)
class Compared:
    """Two runs; ``before`` is the one the other is measured against. ``kept`` is for what several parts need."""

    before: Opened
    after: Opened
    kept: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def sides(self) -> tuple[Opened, Opened]:
        """Return both."""
        return self.before, self.after


def outcome(compared: Compared) -> list[Row]:
    """Return job, state, time, attempt, user and error of both runs."""
    before, after = (_outcome(side) for side in compared.sides)
    took = Row("Duration", compared.before.seconds, compared.after.seconds, unit="seconds")
    rows = [row for row in beside(before, after) if row.before is not None or row.after is not None]
    return [rows[0], took, *rows[1:]] if took.before is not None or took.after is not None else rows


def _outcome(side: Opened) -> dict[str, Any]:
    run = side.run
    return {
        "Status": status(run, side.now),
        "Job": f"{side.job.namespace} / {side.job.name}",
        "Attempt": run.attempt,
        "User": run.started_by_name,
        "Error": first_line(run.ended_reason) if run.ended_reason else None,
    }


def steps(session: Session, compared: Compared) -> list[Row]:
    """Return the runs below either run by name: how each ended and how long it took; a statement for each level."""
    before, after = (_steps(session, side) for side in compared.sides)
    found = []
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            found.append(Row(name, old and old[0], new and new[0], "step"))
            continue
        found += [Row(name, old[1], new[1], "duration", "seconds"), Row(name, old[0], new[0], "status")]
    return [row for row in found if row.before is not None or row.after is not None]


def _steps(session: Session, side: Opened) -> dict[str, tuple[str, float | None]]:
    rows = [row for row in reads.below(session, side).rows if row.depth]
    names = numbered(row.label for row in rows)
    return {name: (str(row.run.status), row.seconds) for name, row in zip(names, rows, strict=True)}


def parameters(compared: Compared) -> list[Row]:
    """Return execution parameters and properties of the engine."""
    before, after = (_parameters(side.facets) for side in compared.sides)
    return beside(before, after)


def _parameters(facets: dict[str, dict[str, Any]]) -> dict[str, str]:
    found = dict(told.pairs(facets.get("executionParameters"), "parameters"))
    for name in PROPERTIES:
        values = facets.get(name, {}).get("properties")
        if isinstance(values, dict):
            found |= {str(key): value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
    return found


def environment(compared: Compared) -> list[Row]:
    """Return environment variables."""
    kept = (side.facets.get("environmentVariables") for side in compared.sides)
    before, after = (dict(told.pairs(body, "environmentVariables")) for body in kept)
    return beside(before, after)


def engine(compared: Compared) -> list[Row]:
    """Return engine, version, and version of the client that reported."""
    before, after = ({} if side.runner is None else _engine(side) for side in compared.sides)
    return [row for row in beside(before, after) if row.before is not None or row.after is not None]


def _engine(side: Opened) -> dict[str, str | None]:
    runner = side.runner
    if runner is None:
        return {}
    return {"Engine": runner.type, "Version": runner.version, "Client version": runner.adapter_version}


def code(session: Session, compared: Compared) -> list[Row]:
    """Return where the code came from; a run that does not say takes it from the run above it."""
    before, after = (_code(session, side) for side in compared.sides)
    return beside(before, after)


def _code(session: Session, side: Opened) -> dict[str, str]:
    facets, parent = side.facets, side.run.parent_run
    for _ in range(LEVELS):
        if "job:sourceCodeLocation" in facets or parent is None:
            break
        row = session.execute(queries.code_of([parent])).one_or_none()
        if row is None:
            break
        facets, parent = told.bodies(json.loads(row[1].facets)) if row[1] else {}, row[0].parent_run
    return location(facets.get("job:sourceCodeLocation"))


def location(body: dict[str, Any] | None) -> dict[str, str]:
    """Return the members of a sourceCodeLocation facet by what people call them."""
    said = {name: told.text(body, name) for name in CODE}
    return {CODE_WORDS.get(name, name).capitalize(): text for name, text in said.items() if text}
