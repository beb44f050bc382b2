"""Conditions on search documents, written for FTS5 of SQLite and for the text search of PostgreSQL."""

from collections.abc import Sequence

from app.web.tokens import Term, lite, post

# All of these must hold; each is a choice of ways, and a way is terms that all must be there.
Way = Sequence[Term]
Choice = Sequence[Way]


def one(token: str) -> Choice:
    """Return the condition that a document has this token."""
    return [[Term(token, prefix=False)]]


def for_sqlite(choices: Sequence[Choice]) -> str:
    """Return the text for MATCH; empty if nothing is asked."""
    told = [_joined([_joined([lite(term) for term in way], " AND ") for way in choice if way], " OR ")
            for choice in choices]  # fmt: skip
    return " AND ".join(filter(None, told))


def for_postgres(choices: Sequence[Choice]) -> str:
    """Return the text for ``to_tsquery('simple', ...)``; empty if nothing is asked."""
    told = [_joined([_joined([post(term) for term in way], " & ") for way in choice if way], " | ")
            for choice in choices]  # fmt: skip
    return " & ".join(filter(None, told))


def _joined(parts: Sequence[str], word: str) -> str:
    return parts[0] if len(parts) == 1 else f"({word.join(parts)})" if parts else ""
