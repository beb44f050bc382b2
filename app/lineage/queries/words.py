"""Search by words on either database: FTS5 on SQLite, the text search of PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, literal, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NULLTYPE, TypeEngine

from app.lineage.models import SearchEntry
from app.web.keyset import Rows
from app.web.matching import Choice, for_postgres, for_sqlite


class HasWords(FunctionElement[bool]):
    """True of search entries with every term; arguments are id, words, the query in both dialects, and how many."""

    name = "has_words"
    type: TypeEngine[Any] = NULLTYPE  # SQLite would compare a Boolean with 1 and then not use the key
    inherit_cache = True


@compiles(HasWords, "sqlite")
def _sqlite(element: HasWords, compiler: SQLCompiler, **kw: Any) -> str:
    entry, _words, lite, _post, most = element.clauses
    table = "lineage_search_words"
    wanted, limit = compiler.process(lite, **kw), compiler.process(most, **kw)
    # Read from the newest row on, FTS5 stops at the limit instead of gathering everything that matches.
    found = f"SELECT rowid FROM {table} WHERE {table} MATCH {wanted} ORDER BY rowid DESC LIMIT {limit}"  # noqa: S608
    return f"{compiler.process(entry, **kw)} IN ({found})"


class SaysWords(FunctionElement[bool]):
    """The same of one entry that is at hand; arguments are id, the query of SQLite, and the condition on its words."""

    name = "says_words"
    type: TypeEngine[Any] = NULLTYPE  # SQLite would compare a Boolean with 1 and then not use the key
    inherit_cache = True


@compiles(SaysWords, "sqlite")
def _sqlite_each(element: SaysWords, compiler: SQLCompiler, **kw: Any) -> str:
    entry, lite, _holds = element.clauses
    mine, wanted = compiler.process(entry, **kw), compiler.process(lite, **kw)
    table = "lineage_search_words"
    return f"EXISTS (SELECT 1 FROM {table} WHERE rowid = {mine} AND {table} MATCH {wanted})"  # noqa: S608


@compiles(SaysWords, "postgresql")
def _postgresql_each(element: SaysWords, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses.clauses[-1], **kw)


@compiles(HasWords, "postgresql")
def _postgresql(element: HasWords, compiler: SQLCompiler, **kw: Any) -> str:
    _entry, words, _lite, post, _most = element.clauses
    document, wanted = compiler.process(words, **kw), compiler.process(post, **kw)
    return f"lineage_words({document}) @@ to_tsquery('simple', {wanted})"


def entries(kind: str, choices: Sequence[Choice], limit: int) -> Rows:
    """Select the ids of at most ``limit`` things of a kind whose documents meet all choices.

    Raises ValueError if no choice is the token of kind and realm: the limit would count rows of others.
    """
    wanted = for_sqlite(choices)
    if not wanted:
        return select(SearchEntry.entity_id).where(false())
    entry = SearchEntry.__table__.c
    words = HasWords(entry.id, entry.words, literal(wanted), literal(for_postgres(choices)), literal(limit))
    # IS TRUE keeps the index of realm and kind out of it, by which every document would be looked at, and leaves
    # PostgreSQL its idea of how many there are.
    mine = ((entry.realm_id == _realm_of(choices)).is_(true()), (entry.kind == kind).is_(true()))
    return select(entry.entity_id).where(*mine, words).limit(limit)


def _realm_of(choices: Sequence[Choice]) -> int:
    for choice in choices:
        token = choice[0][0].token if choice and choice[0] else ""
        if token.startswith("r"):
            return int(token[2:])
    raise ValueError("the conditions name no realm")


def says(kind: str, entity_id: Any, choices: Sequence[Choice]) -> ColumnElement[bool]:
    """Return the condition that the document of one thing meets all choices, looked at thing by thing."""
    words = SaysWords(SearchEntry.id, literal(for_sqlite(choices)), _held(choices))
    return exists().where(SearchEntry.kind == kind, SearchEntry.entity_id == entity_id, words)


def _held(choices: Sequence[Choice]) -> ColumnElement[bool]:
    """Return the condition in plain comparisons of text: taking a document apart takes PostgreSQL a hundred times it.

    Tokens are letters and digits, so a blank on either side makes a whole one.
    """
    document = literal(" ") + SearchEntry.words + literal(" ")
    return and_(
        true(),
        *(
            or_(*(and_(*(document.like(f"% {term.token}{'' if term.prefix else ' '}%") for term in way))
                  for way in choice if way))
            for choice in choices if any(choice)
        ),
    )  # fmt: skip
