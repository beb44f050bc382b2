"""Setting for how long a realm keeps what grows."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import record
from app.db import utcnow
from app.lineage.queries import retention as queries
from app.realms.models import Config
from app.realms.settings import numbers


def set_keeping(session: Session, realm_id: int, wanted: Mapping[str, int], actor: Actor) -> bool:
    """Set the realm's settings of retention by name; returns whether anything changed. Flushes.

    What is kept longer than now does not come back; what is kept shorter goes with the next pass.
    """
    before = numbers(session, realm_id, *wanted)
    changed = {name: value for name, value in wanted.items() if value != before[name]}
    if not changed:
        return False
    rows = {row.name: row for row in session.scalars(queries.configured(list(changed)))}
    for name, value in changed.items():
        row = rows.get(name)
        if row is None:
            row = Config(realm_id=realm_id, slice_id=None, name=name, val=str(value), setby=actor.name[:100])
            session.add(row)
        else:
            row.val, row.ver, row.setby, row.setat = str(value), row.ver + 1, actor.name[:100], utcnow()
    session.flush()
    fields = [(name, before[name], value) for name, value in changed.items()]
    record(session, "retention.set", "retention", realm_id, "Retention of lineage", actor, fields=fields)
    return True
