"""Writing in the background: nobody waits for the answer, so it waits longer for its turn than a page does."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from app.config import COMMAND_LOCK_TIMEOUT_MS
from app.web.errors import is_busy

TRIES = 5


def begin(session: Session) -> None:
    """Begin a transaction that writes; on SQLite it waits up to 30 s for those that write already."""
    session.info["read_only"] = False
    session.connection(execution_options={"wait_ms": COMMAND_LOCK_TIMEOUT_MS})


def write(session: Session, change: Callable[[], None]) -> None:
    """Carry out a change and commit; begins again, up to five times, when another transaction was in the way."""
    for left in reversed(range(TRIES)):
        try:
            begin(session)
            change()
            session.commit()
        except Exception as error:
            session.rollback()
            if not left or not is_busy(error):
                raise
        else:
            return
