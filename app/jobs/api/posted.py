"""What a request that reports on a run brings to those that wait with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.changes.actor import Actor
from app.jobs.actions.joining import Named
from app.jobs.actions.taking import EventDraft, Reported
from app.jobs.progress.words import Noun
from app.jobs.queries.sight import Sight
from app.jobs.reads.tracked import Tracked

Answer = Callable[[Tracked, list[Reported]], Any]


@dataclass(frozen=True, slots=True)
class Unread:
    """A bearer key nobody looked up yet, and what the change log says of the request it came with."""

    text: str
    request_id: str | None
    address: str | None


@dataclass(eq=False)
class Posted:
    """Events of one request for one run: by number or id, or by names (``Named``), which may open it.

    ``answer`` makes of the run and of what became of each event what the request needs to know. It is called within the
    transaction, perhaps by the thread of another request: it must not ask for ``request`` or ``g``, and its result must
    not hold rows. What it returns is what ``post_events`` returns.

    With a ``key`` instead of ``sight`` and ``actor``, whom it speaks for and whether it may write is decided together
    with the others: for a view whose mark says ``later``.
    """

    which: int | UUID | Named
    drafts: Sequence[EventDraft]
    sight: Sight | None
    actor: Actor | None
    answer: Answer
    noun: Noun = "own"
    key: Unread | None = None
    realm_id: int = field(default=0, init=False)
    result: Any = field(default=None, init=False)
    error: Exception | None = field(default=None, init=False)
