"""Passwords: argon2id at 19 MiB, two passes, one lane (OWASP's floor), a few at a time."""

import os
import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from app.refusal import Problem

SHORTEST, LONGEST = 10, 500

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Each hash takes 19 MiB; unlimited, a few hundred threads at the sign-in page would be an attack on memory.
_turns = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


def hashed(password: str) -> str:
    """Return the argon2id hash to keep for a password; waits for its turn, about 25 ms."""
    with _turns:
        return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Tell whether a password fits the hash kept; takes the same time when there is none."""
    with _turns:
        try:
            fits = _hasher.verify(kept or _nobody(), password)
        except (VerifyMismatchError, InvalidHashError):
            return False
    return fits and kept is not None


def complaint(password: str, name: str = "", field: str = "password") -> Problem | None:
    """Return what is wrong with a new password, or None."""
    if len(password) < SHORTEST:
        return Problem("too_short", f"Use at least {SHORTEST} characters.", field)
    if len(password) > LONGEST:
        return Problem("too_long", f"Use at most {LONGEST} characters.", field)
    if name and password.lower() == name.lower():
        return Problem("too_simple", "Use something other than the name.", field)
    return None


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))
