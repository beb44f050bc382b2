"""Where the fold of a run stands is written by one plain statement: every event does it."""

from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app.bulk import update_rows
from app.driver import bound
from app.jobs.models import RunTracking


def put(session: Session, following: RunTracking, **values: Any) -> None:
    """Write columns of a row that is in the database already, and show them on it; one statement if any differs."""
    changed = {name: value for name, value in values.items() if getattr(following, name) != value}
    if not changed:
        return
    row = {"run": following.run, "realm_id": following.realm_id, **changed}
    update_rows(bound(session), RunTracking.__table__, [row], key="run")
    for name, value in changed.items():
        set_committed_value(following, name, value)
