"""How earlier runs of each job went: compared and replaced per job."""

from typing import Any

import msgspec
from sqlalchemy.orm import Session

from app.bulk import insert_rows, select_in
from app.db import utcnow
from app.jobs.models import DurationStat
from app.jobs.progress.history import Past, read, write
from app.lineage.rebuild.compare import Ids, rows_of

COLUMNS = (DurationStat.job_id, DurationStat.runs)


def put_right(main: Session, realm_id: int, ids: Ids) -> list[str]:
    """Put histories that tell of other runs or lengths right; returns what was wrong in words."""
    jobs = ids.maps["job"]
    wanted = {
        jobs[row.job_id]: [one for past in read(row.runs) if (one := _translated(past, ids)) is not None]
        for row in rows_of(ids.scratch, DurationStat, realm_id)
        if row.job_id in jobs
    }
    present = {row.job_id: read(row.runs) for row in _present(main, realm_id, wanted)}
    wrong = [job for job, runs in wanted.items() if _content(runs) != _content(present.get(job, []))]
    rows = [
        {"realm_id": realm_id, "job_id": job, "major": "", "runs": write(wanted[job]), "updated_at": utcnow()}
        for job in wrong
    ]
    update = ("runs", "updated_at")
    insert_rows(main.connection(), DurationStat.__table__, rows, conflict=("job_id", "major"), update=update)
    return [f"the history of job {job} differs" for job in wrong]


def _present(main: Session, realm_id: int, jobs: dict[int, list[Past]]) -> list[Any]:
    return select_in(main, COLUMNS, realm_id, DurationStat.job_id, jobs, "AND major = ''")


def _translated(past: Past, ids: Ids) -> Past | None:
    """Return an attempt in terms of the realm's ids, None for a run that is gone."""
    run, jobs = ids.maps["run"].get(past.run), ids.maps["job"]
    if run is None:
        return None
    steps = {str(jobs.get(int(job), job)): seconds for job, seconds in past.steps.items()}
    return msgspec.structs.replace(past, run=run, steps=steps)


def _content(runs: list[Past]) -> set[tuple[int, int, float]]:
    return {(one.run, one.ended, one.seconds) for one in runs}
