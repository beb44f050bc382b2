"""What the worker does again and again in every realm; slices above register it when they are imported."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

Work = Callable[[Session, int, datetime], Any]


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work: its name, how many seconds lie between two turns in one realm, and what is done.

    One that ``looks`` reads first, and returns what writes.
    """

    name: str
    every: int
    work: Work
    looks: bool = False


_TASKS: dict[str, Task] = {}


def task(name: str, *, every: int, looks: bool = False) -> Callable[[Work], Work]:
    """Register ``work(session, realm_id, now)``, called in each realm at least ``every`` seconds apart.

    The session is tied to the realm and open for writing; the worker commits it when the work returns and rolls it
    back when it raises. No two workers are in the same task of the same realm at once. Five failures in a row park it.
    With ``looks`` the session only reads, and holds up nobody who writes: what the work returns, unless None, is then
    called with a session that writes. What was read may have changed meanwhile.

    Raises ValueError when the name is taken by other work.
    """

    def register(work: Work) -> Work:
        known = _TASKS.setdefault(name, Task(name, every, work, looks))
        if known.work is not work:
            raise ValueError(f"task {name} is registered twice")
        return work

    return register


def tasks() -> dict[str, Task]:
    """Return all tasks by name."""
    return dict(_TASKS)
