"""Ids of Marquez: stable UUIDs for versions, and node ids such as ``dataset:namespace:name``. Pure."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from app.lineage.openlineage.parse import Name, identity

SPACE: Final = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
# A version made of a schema carries the number of its row, so that it is found again without a table of its own.
SCHEMA: Final = 0x4857534348454D418000 << 48
_LOW: Final = (1 << 48) - 1
_VERSION: Final = re.compile(r"#[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\Z")
_MOST_COLONS: Final = 60
KINDS: Final = ("dataset", "datasetField", "job", "run")


class Node(NamedTuple):
    """A node id taken apart: its kind, and the text behind it without a version."""

    kind: str
    rest: str


def job_version(name: Name, inputs: Iterable[Name], outputs: Iterable[Name]) -> UUID:
    """Return the version of a job that reads and writes these datasets: the same datasets, the same version."""
    parts = [*name, "in", *_flat(inputs), "out", *_flat(outputs)]
    return uuid5(SPACE, "\0".join(parts))


def _flat(names: Iterable[Name]) -> list[str]:
    return [part for name in sorted(set(names)) for part in name]


def job_uuid(digest: bytes) -> UUID:
    """Return the UUID of a job from the digest of its name."""
    return UUID(bytes=digest[:16])


def schema_version(row_id: int) -> UUID:
    """Return the version that a schema reported without a write stands for."""
    return UUID(int=SCHEMA | row_id)


def schema_row(version: UUID) -> int | None:
    """Return the row behind a version of ``schema_version``, None for any other."""
    return version.int & _LOW if version.int & ~_LOW == SCHEMA else None


def uuid_of(text: str) -> UUID | None:
    """Return the UUID a text holds, None when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def node(text: str) -> Node | None:
    """Return a node id taken apart, None when it is of no known kind."""
    kind, colon, rest = text.partition(":")
    return Node(kind, rest) if colon and rest and kind in KINDS else None


def without_version(text: str) -> str:
    """Return the text without the ``#version`` at its end."""
    return _VERSION.sub("", text)


def names(rest: str) -> list[Name]:
    """Return every way to split ``namespace:name``, the longest namespace first."""
    cuts = _colons(rest)
    return [identity(rest[:cut], rest[cut + 1 :]) for cut in reversed(cuts)]


def fields(rest: str) -> Iterator[tuple[Name, str]]:
    """Yield every way to split ``namespace:name:field``, the shortest field and the longest namespace first."""
    for cut in reversed(_colons(rest)):
        for name in names(rest[:cut]):
            yield name, rest[cut + 1 :]


def _colons(text: str) -> list[int]:
    found = [place for place, letter in enumerate(text) if letter == ":" and place < len(text) - 1]
    return found[:_MOST_COLONS]
