"""Group commit: requests that wait at the same time share one transaction, as a database does with its log.

The first thread that finds nobody at work leads: it takes what waits, has it stored, and wakes the others; whoever came
meanwhile leads the next round. No thread works for others longer than one round.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Generic, TypeVar

Job = TypeVar("Job")
MOST = 500


class Busy(Exception):  # noqa: N818 - an answer, not an error of the program
    """Storing could not be done in time; nothing was stored."""


@dataclass(eq=False)
class Ticket(Generic[Job]):
    """One job in the queue; ``size`` counts towards a round, ``deadline`` is on the monotonic clock.

    ``error`` is None only once the work is committed.
    """

    job: Job
    size: int
    deadline: float
    error: Exception | None = field(default_factory=Busy)
    leads: bool = False
    turn: threading.Event = field(default_factory=threading.Event)

    @property
    def left(self) -> float:
        """Return the seconds until its deadline."""
        return self.deadline - monotonic()


class Combiner(Generic[Job]):
    """A queue whose head works for everyone behind it; ``work`` clears the errors of the tickets it has committed."""

    def __init__(self, work: Callable[[Sequence[Ticket[Job]]], None], most: int = MOST) -> None:
        self._work = work
        self._most = most
        self._lock = threading.Lock()
        self._queue: deque[Ticket[Job]] = deque()
        self._busy = False

    def submit(self, ticket: Ticket[Job]) -> None:
        """Return when the job is committed; raises its error, Busy when its deadline passes first."""
        with self._lock:
            self._queue.append(ticket)
            ticket.leads = not self._busy
            self._busy = True
        if not ticket.leads:
            self._wait(ticket)
        if ticket.leads:
            self._lead()
        if ticket.error is not None:
            raise ticket.error

    def _wait(self, ticket: Ticket[Job]) -> None:
        if ticket.turn.wait(max(ticket.left, 0.0)):
            return
        with self._lock:
            if ticket in self._queue and not ticket.leads:
                self._queue.remove(ticket)
                return
        # It is being stored right now, or its turn has come this very moment.
        ticket.turn.wait()

    def _lead(self) -> None:
        with self._lock:
            taken = self._take()
        try:
            self._work(taken)
        finally:
            with self._lock:
                following = self._queue[0] if self._queue else None
                if following is None:
                    self._busy = False
                else:
                    following.leads = True
            for ticket in taken:
                ticket.turn.set()
            if following is not None:
                following.turn.set()

    def _take(self) -> list[Ticket[Job]]:
        taken = [self._queue.popleft()]
        size = taken[0].size
        while self._queue and size + self._queue[0].size <= self._most:
            taken.append(self._queue.popleft())
            size += taken[-1].size
        return taken
