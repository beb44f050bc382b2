"""What people and programs write, checked before it is kept."""

import unicodedata

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.refusal import Problem, Refused

LONGEST = 200


def line(value: str, field: str, *, longest: int = LONGEST, empty: bool = False) -> str:
    """Return one line of text as it is; raises Refused 422 when it is empty, too long or holds control characters."""
    if not value.strip() and not empty:
        raise Refused(Problem("required", f"{_name(field)} must not be empty.", field, value[:100]))
    if len(value) > longest:
        raise Refused(Problem("too_long", f"{_name(field)} has at most {longest:,} characters.", field, value[:100]))
    # Most lines are plain, and that is known at once.
    if not value.isprintable() and any(unicodedata.category(one) in ("Cc", "Cs") for one in value):
        raise Refused(Problem("bad_text", f"{_name(field)} is one line without control characters.", field))
    return value


def some_lines(value: str | None, field: str, longest: int) -> str | None:
    """Return text of several lines without blanks around it, None when nothing is left; raises Refused 422."""
    words = (value or "").strip()
    if len(words) > longest or "\x00" in words or any("\ud800" <= character <= "\udfff" for character in words):
        raise Refused(Problem("bad_text", f"{_name(field)} has at most {longest:,} characters, no NUL.", field))
    return words or None


def in_turn(session: Session, *what: object) -> None:
    """Let whoever does the same thing in this realm wait until this transaction ends; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        turn = func.hashtextextended(repr((session.info["realm_id"], *what)), 0)
        session.execute(select(func.pg_advisory_xact_lock(turn)))


def _name(field: str) -> str:
    return field.rpartition("/")[2].replace("_", " ").capitalize()
