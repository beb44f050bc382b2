"""Patterns that take linear time whatever they are held against."""

from functools import lru_cache
from typing import Any

import re2

LONGEST = 200
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 2**20


def problem_of(pattern: object) -> str | None:
    """Return why a pattern is refused, None when it can be used."""
    if not isinstance(pattern, str) or not pattern:
        return "Enter a regular expression."
    if len(pattern) > LONGEST:
        return f"A pattern has at most {LONGEST} characters; this one has {len(pattern)}."
    try:
        _compiled(pattern)
    except re2.error as error:
        words = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        return f"Not a pattern of RE2, which knows no look-around and no back references: {words}."
    return None


def found(pattern: str, text: str) -> bool:
    """Return whether the pattern matches anywhere in the text."""
    return _compiled(pattern).search(text) is not None


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern, _OPTIONS)
