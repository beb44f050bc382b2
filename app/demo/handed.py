"""Give out links and a badge of a partner's runs, as an operator would."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.actor import CLI
from app.jobs.actions.badges import make_badge
from app.jobs.actions.shares import ShareDraft, make_share, revoke_share
from app.jobs.models import Job, Run
from app.jobs.queries.sight import TRACKED


def hand_out(session: Session) -> None:
    """Share the newest tracked run by two links, one closed already, and make a badge of it and of its job. Flushes.

    Nothing happens where no run is tracked.
    """
    newest = select(Run, Job).join(Job, Job.id == Run.job_id).where(Run.origin == TRACKED)
    row = session.execute(newest.order_by(Run.began_at.desc(), Run.number.desc()).limit(1)).one_or_none()
    if row is None:
        return
    run, job = row
    label = f"{job.name} {run.external_id or run.reported_id}"
    wrong, _ = make_share(session, run, label, ShareDraft(hours=24, show_log=True), CLI)
    revoke_share(session, run, label, wrong.id, CLI)
    make_share(session, run, label, ShareDraft(show_metadata=True), CLI)
    make_badge(session, run, label, CLI)
    make_badge(session, job, job.name, CLI)
