"""Search by words on either database: FTS5 on SQLite, the text search of PostgreSQL."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.lineage.models import SearchEntry
from app.web.tokens import match_postgres, match_sqlite


class HasWords(FunctionElement[bool]):
    """True of search entries that have every term; its arguments are id, words, and the query in both dialects."""

    name = "has_words"
    type = Boolean()
    inherit_cache = True


@compiles(HasWords, "sqlite")
def _sqlite(element: HasWords, compiler: SQLCompiler, **kw: Any) -> str:
    entry, _words, lite, _post = element.clauses
    table = "lineage_search_words"
    wanted = compiler.process(lite, **kw)
    return f"{compiler.process(entry, **kw)} IN (SELECT rowid FROM {table} WHERE {table} MATCH {wanted})"  # noqa: S608


@compiles(HasWords, "postgresql")
def _postgresql(element: HasWords, compiler: SQLCompiler, **kw: Any) -> str:
    _entry, words, _lite, post = element.clauses
    document, wanted = compiler.process(words, **kw), compiler.process(post, **kw)
    return f"to_tsvector('simple', {document}) @@ to_tsquery('simple', {wanted})"


def has_words(text: str) -> ColumnElement[bool] | None:
    """Return the condition that a search entry has all words of ``text``, None when it asks for nothing."""
    lite, post = match_sqlite(text), match_postgres(text)
    if not lite:
        return None
    return HasWords(SearchEntry.id, SearchEntry.words, literal(lite), literal(post))
