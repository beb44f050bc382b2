"""Effects outside the database wait for the commit, and never happen for what was rolled back."""

from collections.abc import Callable

from blinker import Namespace
from sqlalchemy import event
from sqlalchemy.orm import Session

Effect = Callable[[], None]
changes_committed = Namespace().signal("changes-committed")
"""Sent after the commit of a transaction of this process that logged changes."""


def after_commit(session: Session, effect: Effect) -> None:
    """Call ``effect()`` once the session's transaction is committed; it must not use the session.

    A rollback, also that of a preview inside a savepoint, forgets it.
    """
    waiting: list[tuple[object, Effect]] = session.info.setdefault("outward", [])
    waiting.append((session.get_nested_transaction(), effect))
    if not event.contains(session, "after_commit", _fire):
        event.listen(session, "after_commit", _fire)
        event.listen(session, "after_soft_rollback", _forget)


def _fire(session: Session) -> None:
    waiting: list[tuple[object, Effect]] = session.info.pop("outward", [])
    for _inside, effect in waiting:
        effect()


def _forget(session: Session, previous: object) -> None:
    waiting: list[tuple[object, Effect]] = session.info.get("outward", [])
    gone = getattr(previous, "nested", False)
    session.info["outward"] = [each for each in waiting if gone and each[0] is not previous]


@event.listens_for(Session, "after_commit")
def _told(session: Session) -> None:
    """Wake those who follow the log; the end of a savepoint is no commit yet."""
    if session.info.get("logged") and not session.in_nested_transaction():
        session.info["logged"] = False
        changes_committed.send()
