"""What the parts of a run page are made of; a part is the same on the page, in a swap and in the live stream."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from app.db import utcnow
from app.jobs.endless import ENDLESS
from app.jobs.models import Job, Run
from app.jobs.queries.sight import TRACKED
from app.jobs.reads import run_timeline as timeline
from app.jobs.reads.run_access import Access
from app.jobs.reads.run_head import head
from app.jobs.reads.run_log import last_lines
from app.jobs.reads.run_tracked import Tracked, earlier, tracked

ALWAYS = ("head", "progress")
REGIONS = (*ALWAYS, "steps", "chart", "timeline", "log", "attempts", "runs")
"""The parts that change while a run goes on: each is ``jobs/runs/_<name>.html`` with that id."""


def context(session: Session, run: Run, job: Job, access: Access, regions: Iterable[str] = REGIONS) -> dict[str, Any]:
    """Return the variables that regions of a run page need, as one with this access sees them.

    What ``runs`` needs is for the caller to add: ``family``.
    At most fifteen statements for all of a tracked run, three for one that OpenLineage reported.
    """
    wanted, now = set(regions), utcnow()
    is_tracked = run.origin == TRACKED
    found = tracked(session, run, private=access.private) if is_tracked else None
    given: dict[str, Any] = {
        "run": run,
        "job": job,
        "access": access,
        "tracked": found,
        "now": now,
        "named": run.name or (found.plan.name if found is not None and found.plan is not None else job.name),
        "head": head(run, _past(session, run, found), now, is_streaming=run.processing_type in ENDLESS),
    }
    if "timeline" in wanted:
        given["timeline"] = _timeline(session, run, access) if is_tracked else None
    if "log" in wanted:
        given["log"] = last_lines(session, run.number) if is_tracked and access.log else None
    return given


def _past(session: Session, run: Run, found: Tracked | None) -> int:
    if run.eta_at is None:
        return 0
    return len(found.past if found is not None else earlier(session, run, ""))


def _timeline(session: Session, run: Run, access: Access) -> timeline.Timeline:
    named = timeline.names(session, run, private=access.private, people=access.people)
    return timeline.newest(session, run, named)
