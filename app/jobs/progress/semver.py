"""Versions by Semantic Versioning 2.0.0, strictly."""

import re
from typing import Final

# The expression that semver.org suggests.
PATTERN: Final = re.compile(
    r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
    r"(?:-((?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*))?"
    r"(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?"
)
Precedence = tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]


def is_version(text: object) -> bool:
    """Return whether this is text that holds a version."""
    return isinstance(text, str) and PATTERN.fullmatch(text) is not None


def major(text: str) -> str:
    """Return the first number of a version as text; raises ValueError for anything else."""
    return _parts(text)[1]


def precedence(text: str) -> Precedence:
    """Return a value that sorts as versions do (build metadata does not count); raises ValueError."""
    found = _parts(text)
    before = found[4]
    parts = tuple(_identifier(part) for part in before.split(".")) if before else ()
    return int(found[1]), int(found[2]), int(found[3]), not before, parts


def _identifier(part: str) -> tuple[bool, int, str]:
    return (False, int(part), "") if part.isdecimal() else (True, 0, part)


def _parts(text: str) -> re.Match[str]:
    found = PATTERN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no version")
    return found
