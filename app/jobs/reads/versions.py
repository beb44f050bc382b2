"""Which code and which engine the runs of a job used, run after run."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.jobs import facets as told
from app.jobs.models import Run, RunDetail, Runner
from app.jobs.queries import runs as queries
from app.jobs.reads.compare import location

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
    """Return the newest fifty runs as stretches of equal code and engine, newest first: two statements.

    A run that does not say where its code came from takes it from the run above it.
    """
    runs = recent[:LOOKED_AT]
    if not runs:
        return []
    rows = session.execute(queries.code_of([run.number for run in runs])).all()
    own = {run.number: _code(detail) for run, detail, _ in rows}
    parents = {run.parent_run for run, _, _ in rows if run.parent_run is not None and not own[run.number]}
    above = {run.number: _code(detail) for run, detail, _ in session.execute(queries.code_of(sorted(parents)))}
    found: list[Stretch] = []
    for run, _, runner in rows:
        body = own[run.number] or above.get(run.parent_run or 0) or {}
        one = _stretch(run, runner, body)
        last = found[-1] if found else None
        if last is not None and (last.code, last.engine, last.client) == (one.code, one.engine, one.client):
            last.first, last.runs = run, last.runs + 1
        else:
            found.append(one)
    return found if any(one.code or one.engine or one.client for one in found) else []


def _stretch(run: Run, runner: Runner | None, body: dict[str, Any]) -> Stretch:
    engine = f"{runner.type} {runner.version or ''}".strip() if runner else ""
    client = (runner.adapter_version or "") if runner else ""
    return Stretch(location(body), told.web_link(body.get("url")), engine, client, run, run)


def _code(detail: RunDetail | None) -> dict[str, Any]:
    found = told.bodies(json.loads(detail.facets)).get("job:sourceCodeLocation") if detail is not None else None
    return found or {}
