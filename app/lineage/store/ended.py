"""Tells higher slices of runs that ended."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.driver import bound, settle
from app.jobs.models import Run
from app.jobs.progress.view import FINAL
from app.jobs.signals import run_ended
from app.lineage.store.run_state import RunState
from app.lineage.store.run_turns import is_ours


def tell_ended(session: Session, realm_id: int, states: Iterable[RunState]) -> None:
    """Send ``run_ended`` for whole processes that ended now and had not before; one statement if anyone listens."""
    if not run_ended.receivers:
        return
    numbers = [state.number for state in states if _has_ended(state)]
    if not numbers:
        return
    # Receivers use SQLAlchemy, which knows no pipeline.
    settle(bound(session))
    query = select(Run).where(Run.realm_id == realm_id, Run.number.in_(numbers)).order_by(Run.number)
    for run in session.scalars(query.execution_options(populate_existing=True)).all():
        run_ended.send(None, session=session, run=run)


def _has_ended(state: RunState) -> bool:
    row = state.row
    is_whole = row["role"] == "unit" and row["parent_run"] is None and is_ours(state)
    return is_whole and row["status"] in FINAL and state.before.get("status") not in FINAL
