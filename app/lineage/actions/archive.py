"""Putting datasets and jobs away: out of lists, marked in graphs, their pages and facts stay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import record
from app.db import utcnow
from app.jobs.actions.annotate import Target
from app.lineage.queries import archive as queries
from app.refusal import Problem, Refused


def archive(session: Session, target: Target, actor: Actor) -> None:
    """Take a dataset, under all its names, or a job out of lists until it is reported again. Flushes.

    Raises Refused 409 when it is archived already.
    """
    rows = session.scalars(queries.rows(target.kind, target.ids)).all()
    if all(row.archived_at for row in rows):
        raise Refused(Problem("archived", "It is archived already."), status=409)
    _put(rows, utcnow(), actor.name[:100])
    session.flush()
    record(session, f"{target.kind}.archived", target.kind, target.id, target.label, actor)


def restore(session: Session, target: Target, actor: Actor) -> None:
    """Show an archived dataset or job in lists again. Flushes. Raises Refused 409 when it is not archived."""
    rows = session.scalars(queries.rows(target.kind, target.ids)).all()
    if not any(row.archived_at for row in rows):
        raise Refused(Problem("not_archived", "It is not archived."), status=409)
    _put(rows, None, None)
    session.flush()
    record(session, f"{target.kind}.restored", target.kind, target.id, target.label, actor)


def _put(rows: Sequence[Any], at: datetime | None, by: str | None) -> None:
    for row in rows:
        row.archived_at, row.archived_by = at, by
