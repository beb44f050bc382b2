"""Work of the background that failed again and again, taken up by hand."""

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import record
from app.db import utcnow
from app.delivery.models import Turn


def resume_task(session: Session, turn: Turn, actor: Actor) -> None:
    """Let a parked task run at the next turn. Flushes."""
    turn.due_at, turn.tries, turn.parked_at = utcnow(), 0, None
    record(session, "task.resumed", "task", turn.name, turn.name, actor)
