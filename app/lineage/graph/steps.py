"""Steps from one thing to the next, and everything they lead to. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def steps(pairs: Sequence[tuple[Key, Key]]) -> tuple[dict[Key, list[Key]], dict[Key, list[Key]]]:
    """Return what follows each thing and what comes before it, of pairs in the direction data flows."""
    down: dict[Key, list[Key]] = defaultdict(list)
    up: dict[Key, list[Key]] = defaultdict(list)
    for one, other in pairs:
        down[one].append(other)
        up[other].append(one)
    return down, up


def reached(first: Iterable[Key], onward: dict[Key, list[Key]]) -> set[Key]:
    """Return the first things and all that steps lead to from them."""
    queue = list(first)
    seen = set(queue)
    while queue:
        for key in onward.get(queue.pop(), ()):
            if key not in seen:
                seen.add(key)
                queue.append(key)
    return seen
