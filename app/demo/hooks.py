"""Hooks of the demo, and what they sent over the last days; nothing of it leaves this machine.

Receivers end in ``.example``, which no resolver knows. The hooks that would fire while the demo moves are disabled with
a reason that the story knows, so that no page shows failures that are only the demo's own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

HOST = "https://hooks.northwind.example"


@dataclass(frozen=True, slots=True)
class StoryHook:
    """A hook: what it is called and for, which changes it sends where, and how its receiver has been."""

    name: str
    description: str
    on: tuple[str, ...]
    path: str
    good: float
    disabled: str = ""


HOOKS = (
    StoryHook(
        "on-call-pager", "Wakes whoever is on call for the warehouse.", ("run.failed", "run.stalled", "run.late"),
        "/pager", 0.97, "by_hand",
    ),
    StoryHook("audit-archive", "Grants and keys, for the auditors.", ("capgrant.*", "apikey.*"), "/audit", 1.0),
    StoryHook(
        "old-chat-bot", "The chat of the data team until it moved.", ("dataset.late", "dataset.recovered"),
        "/chat", 0.9, "gone",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery that is over: how long after the first sign of the change each attempt came, and its answer."""

    hook: StoryHook
    verb: str
    label: str
    at: datetime
    answers: tuple[tuple[float, int | None, str], ...]

    @property
    def is_good(self) -> bool:
        """Return whether the receiver took it in the end."""
        return self.answers[-1][1] == 204  # noqa: PLR2004 - of HTTP


STORY = (
    ("on-call-pager", "run.failed", ("dbt.orders_mart", "airflow.nightly_load", "spark.clickstream_sessions")),
    ("on-call-pager", "run.late", ("airflow.nightly_load",)),
    ("audit-archive", "apikey.issued", ("Airflow production", "dbt Cloud")),
    ("old-chat-bot", "dataset.late", ("partners/price_lists", "landing/suppliers")),
)


def sent(now: datetime, *, number: int = 36) -> Iterator[Sent]:
    """Return what the hooks sent over the last six days, oldest first; the same every time."""
    chance = Random("hooks of the demo")  # noqa: S311 - a story, no secret
    hooks = {hook.name: hook for hook in HOOKS}
    for index in range(number):
        name, verb, labels = STORY[chance.randrange(len(STORY))]
        at = now - timedelta(hours=(number - index) * 4, minutes=chance.randrange(50))
        yield Sent(hooks[name], verb, chance.choice(labels), at, _answers(chance, hooks[name].good))
    gone = ((0.0, 410, "HTTP 410 Gone"),)
    yield Sent(hooks["old-chat-bot"], "dataset.late", "landing/suppliers", now - timedelta(hours=3), gone)


def _answers(chance: Random, good: float) -> tuple[tuple[float, int | None, str], ...]:
    if chance.random() < good - 0.15:
        return ((0.0, 204, ""),)
    return ((0.0, 503, "HTTP 503 Service Unavailable"), (5.3, 204, ""))
