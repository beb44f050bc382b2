"""What a request asks for: its parameters, read and checked; unknown ones are ignored as Marquez does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.orm import Session

from app.lineage.openlineage.times import parse_time

MOST: Final = 1_000
FURTHEST: Final = 10_000
DEPTH: Final = 20


class Wrong(Exception):  # noqa: N818 - an answer, not an error of the program
    """A request that cannot be answered; becomes ``{"code": .., "message": ..}``."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def missing(kind: str, name: str) -> Wrong:
    """Return the 404 in the words of Marquez, such as ``Job 'x' not found``."""
    return Wrong(404, f"{kind} '{name}' not found.")


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: the session of its realm and its parameters."""

    session: Session
    realm_id: int
    args: Mapping[str, str]

    @property
    def limit(self) -> int:
        """Return how many things are wanted: 100 unless given, 1 to 1,000; raises Wrong."""
        return self.number("limit", 100, 1, MOST)

    @property
    def offset(self) -> int:
        """Return how many things are left out before: up to 10,000; raises Wrong."""
        return self.number("offset", 0, 0, FURTHEST)

    @property
    def depth(self) -> int:
        """Return how far to go, 20 unless given; raises Wrong."""
        return self.number("depth", DEPTH, 0, MOST)

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """Return a whole number within bounds; raises Wrong."""
        text = self.args.get(name, "").strip()
        if not text:
            return default
        try:
            value = int(text[:20])
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise Wrong(400, f"{name} must be a whole number from {least} to {most:,}.")
        return value

    def text(self, name: str) -> str:
        """Return a parameter that must be given; raises Wrong."""
        found = self.args.get(name, "")
        if not found:
            raise Wrong(400, f"query param {name} must not be empty")
        return found

    def choice(self, name: str, default: str, *choices: str) -> str:
        """Return one of the choices, in capitals; raises Wrong."""
        found = (self.args.get(name) or default).upper()
        if found not in choices:
            raise Wrong(400, f"{name} must be one of {', '.join(choices)}.")
        return found

    def yes(self, name: str) -> bool:
        """Return whether a flag is set; clients of Python send ``True``."""
        return self.args.get(name, "").lower() in {"true", "1", "yes"}

    def time(self, name: str) -> datetime | None:
        """Return a moment or None; a date alone is its midnight UTC; raises Wrong."""
        text = self.args.get(name, "").strip()
        if not text:
            return None
        # In a query a plus sign that was not escaped arrives as a blank.
        text = text.replace(" ", "+") if "T" in text else text
        found = parse_time(f"{text}T00:00:00Z" if len(text) == len("2026-03-01") else text)
        if found is None:
            raise Wrong(400, f"{name} must be a time such as 2026-03-01T10:00:00Z.")
        return found.astimezone(UTC)
