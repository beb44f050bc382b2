"""Which pages of jobs and runs keep themselves true, and whose rows their readers see."""

from collections.abc import Iterable
from uuid import UUID

from flask import g
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.jobs import asked, live_parts
from app.jobs.models import Run
from app.web.live import EVERYBODY, live_link, live_region, live_view

OVERVIEW = ("", "overview")


def whose() -> str:
    """Return the scope of lists of runs: ``all`` for those who see every run, else the number of the account."""
    return EVERYBODY if asked.sight().is_all else str(g.standing.who.user_id)


def init() -> None:
    """Register the regions."""
    from app.jobs.views.run_live import regions
    from app.jobs.views.run_regions import ALWAYS, REGIONS

    live_region("board", "board.index", "board", whose=whose)
    live_region("runs", "runs.index", "results", whose=whose)
    live_region("jobs", "jobs.index", "results", whose=whose)
    live_region("configurations", "configurations.index", "results", whose=whose)
    live_region("job_head", "jobs.show", "head", whose=whose)
    live_region("job_recent", "jobs.show", "recent", whose=whose, tabs=OVERVIEW)
    for name in REGIONS:
        tabs, grown = () if name in ALWAYS else OVERVIEW, live_parts.log if name == "log" else None
        live_region(f"run_{name}", "runs.show", name, whose=whose, tabs=tabs, parts=grown, from_whole=name == "log")
    live_view("runs.show", regions)
    live_link("run", "job", _jobs_of)
    live_link("run", "run", _above)


def _jobs_of(session: Session, ids: list[str]) -> Iterable[object]:
    """Return jobs of runs; a tracked run is logged by its id, one that was reported by its number."""
    numbers = [int(each) for each in ids if each.isdigit()]
    keys = [UUID(each) for each in ids if not each.isdigit()]
    return session.scalars(select(Run.job_id).where(or_(Run.number.in_(numbers), Run.id.in_(keys))).distinct())


def _above(session: Session, ids: list[str]) -> Iterable[object]:
    """Return the runs above runs, next and topmost, whose pages show those below them."""
    numbers = [int(each) for each in ids if each.isdigit()]
    keys = [UUID(each) for each in ids if not each.isdigit()]
    mine = select(Run.parent_run, Run.root_run).where(or_(Run.number.in_(numbers), Run.id.in_(keys)))
    return {number for row in session.execute(mine.distinct()) for number in row if number is not None}
