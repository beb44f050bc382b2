"""Which code and which engine the runs of a job used, run after run."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.jobs import facets as told
from app.jobs.models import Run, RunDetail, Runner
from app.jobs.queries import runs as queries
from app.jobs.reads.compare import LEVELS, location

LOOKED_AT = 50


@dataclass(slots=True)
class Stretch:
    """Runs one after the other with the same code and engine; ``first`` is the oldest of ``runs``, ``last`` the newest.

    ``code`` holds the members of where the code came from, ``link`` where a browser can see it.
    """

    code: dict[str, str]
    link: str | None
    engine: str
    client: str
    first: Run
    last: Run
    runs: int = 1


def stretches(session: Session, recent: Sequence[Run]) -> list[Stretch]:
    """Return the newest fifty runs as stretches of equal code and engine, newest first: four statements at most.

    A run that does not say where its code came from takes it from the runs above it, three levels up.
    """
    runs = recent[:LOOKED_AT]
    if not runs:
        return []
    rows = session.execute(queries.code_of([run.number for run in runs])).all()
    bodies = _bodies(session, rows)
    found: list[Stretch] = []
    for run, _, runner in rows:
        one = _stretch(run, runner, bodies[run.number])
        last = found[-1] if found else None
        if last is not None and (last.code, last.engine, last.client) == (one.code, one.engine, one.client):
            last.first, last.runs = run, last.runs + 1
        else:
            found.append(one)
    return found if any(one.code or one.engine or one.client for one in found) else []


def _bodies(session: Session, rows: Sequence[Any]) -> dict[int, dict[str, Any]]:
    found = {run.number: _code(detail) for run, detail, _ in rows}
    up = {run.number: run.parent_run for run, _, _ in rows if not found[run.number]}
    for _ in range(LEVELS):
        wanted = sorted({parent for parent in up.values() if parent is not None})
        if not wanted:
            break
        above = {
            run.number: (run.parent_run, _code(detail)) for run, detail, _ in session.execute(queries.code_of(wanted))
        }
        found |= {number: above[parent][1] for number, parent in up.items() if parent in above}
        up = {number: above[parent][0] for number, parent in up.items() if parent in above and not above[parent][1]}
    return found


def _stretch(run: Run, runner: Runner | None, body: dict[str, Any]) -> Stretch:
    engine = f"{runner.type} {runner.version or ''}".strip() if runner else ""
    client = (runner.adapter_version or "") if runner else ""
    return Stretch(location(body), told.web_link(body.get("url")), engine, client, run, run)


def _code(detail: RunDetail | None) -> dict[str, Any]:
    found = told.bodies(json.loads(detail.facets)).get("job:sourceCodeLocation") if detail is not None else None
    return found or {}
