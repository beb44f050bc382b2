"""Whatever a page or an answer reads of runs, it finds only those that the account of the request sees.

Lists name the same conditions, so that indexes serve them; this keeps everything else to it: counts, neighbours,
runs above and below, what a search finds. Writing asks for each run itself.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import g, has_request_context
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from app.accounts.models import Role
from app.jobs import asked
from app.jobs.models import Run
from app.jobs.queries.sight import TRACKED, Sight


@event.listens_for(Session, "do_orm_execute")
def keep(state: ORMExecuteState) -> None:
    """Add the condition to what a request reads."""
    session = state.session
    if not session.info.get("read_only") or session.info.get("unscoped") or not has_request_context():
        return
    if "standing" not in g or not state.is_select or state.is_column_load:
        return
    if "sight" not in g:
        g.sight = asked.sight()
    if not g.sight.is_all:
        state.statement = state.statement.options(_only(g.sight))


@lru_cache(maxsize=1_000)
def _only(sight: Sight) -> Any:
    return with_loader_criteria(Run, _condition(sight), include_aliases=True)


def _condition(sight: Sight) -> Callable[[Any], Any]:
    """Return what ``queries.sight.rows`` says, for whatever name Run has in a statement.

    SQLAlchemy looks into these functions: what differs between accounts must be a plain value.
    """
    user_id = sight.user_id
    if sight.role == Role.PROVIDER:
        if sight.reported:
            return lambda run: (run.origin != TRACKED) | (run.provider_id == user_id)
        return lambda run: run.provider_id == user_id
    if sight.role == Role.CUSTOMER:
        if sight.reported:
            return lambda run: (run.origin != TRACKED) | (run.customer_id == user_id)
        return lambda run: run.customer_id == user_id
    return (lambda run: run.origin != TRACKED) if sight.reported else (lambda run: run.number < 0)
