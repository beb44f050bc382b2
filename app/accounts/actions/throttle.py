"""Slows guessing of passwords: attempts are counted before the password is looked at, so parallel ones count too."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.accounts.models import SignInCounter

WINDOW = timedelta(minutes=10)
PER_ACCOUNT, PER_ADDRESS = 10, 60
PRUNED_AT_ONCE = 100

_INSERTS: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def count_attempt(session: Session, name: str, address: str, now: datetime) -> int:
    """Count an attempt to sign in; return 0, or the seconds to wait before the next is looked at.

    Unknown names count like known ones. One upsert per counter, always in the same order, so that no two
    attempts lock each other out; the caller commits at once, whatever the answer.
    """
    # Rows another attempt is busy with are left to it: waiting for them could end in a deadlock.
    old = select(SignInCounter.key).where(SignInCounter.window_start < now - 6 * WINDOW).limit(PRUNED_AT_ONCE)
    session.execute(delete(SignInCounter).where(SignInCounter.key.in_(old.with_for_update(skip_locked=True))))
    waits = [_count(session, key, limit, now) for key, limit in _counters(name, address)]
    return max(waits)


def forgive(session: Session, name: str, address: str) -> None:
    """Take back the attempt that succeeded: the account starts anew, the address loses one."""
    account, by_address = (key for key, _limit in _counters(name, address))
    session.execute(delete(SignInCounter).where(SignInCounter.key == account))
    fewer = {"failures": SignInCounter.failures - 1}
    session.execute(
        update(SignInCounter).where(SignInCounter.key == by_address, SignInCounter.failures > 0).values(fewer)
    )


def _counters(name: str, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
    return (f"account:{name[:100]}", PER_ACCOUNT), (f"address:{address}", PER_ADDRESS)


def _count(session: Session, key: str, limit: int, now: datetime) -> int:
    insert = _INSERTS[session.get_bind().dialect.name]
    over = SignInCounter.window_start <= now - WINDOW
    again = {
        "failures": case((over, 1), else_=SignInCounter.failures + 1),
        "window_start": case((over, now), else_=SignInCounter.window_start),
    }
    row = session.execute(
        insert(SignInCounter)
        .values(key=key, window_start=now, failures=1)
        .on_conflict_do_update(index_elements=["key"], set_=again)
        .returning(SignInCounter.failures, SignInCounter.window_start)
    ).one()
    if row.failures <= limit:
        return 0
    left: timedelta = row.window_start + WINDOW - now
    return max(1, round(left.total_seconds()))
