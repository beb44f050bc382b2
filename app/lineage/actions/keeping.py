"""Setting for how long a realm keeps what grows."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import record
from app.realms.actions.config import ConfigDraft, set_config
from app.realms.settings import numbers


def set_keeping(session: Session, realm_id: int, wanted: Mapping[str, int], actor: Actor) -> bool:
    """Set the realm's settings of retention by name; returns whether anything changed. Flushes.

    What is kept longer than now does not come back; what is kept shorter goes with the next pass.
    """
    before = numbers(session, realm_id, *wanted)
    changed = {name: value for name, value in wanted.items() if value != before[name]}
    if not changed:
        return False
    for name, value in changed.items():
        set_config(session, ConfigDraft(None, name, str(value)), actor=actor)
    fields = [(name, before[name], value) for name, value in changed.items()]
    record(session, "retention.set", "retention", realm_id, "Retention of lineage", actor, fields=fields)
    return True
