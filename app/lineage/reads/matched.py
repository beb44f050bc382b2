"""Why a thing was found, where its name does not tell."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from app.lineage.queries import search as queries
from app.lineage.reads.asking import Asked, Word
from app.lineage.store.find import column_token
from app.web.tokens import field_tokens

Why = tuple[tuple[str, str], ...]
MOST: Final = 4
IN_NAME: Final = ("kind", "location", "platform", "state", "quality")


def matched(session: Session, asked: Asked, kind: str, rows: Sequence[Any]) -> dict[int, Why]:
    """Return what matched by id, as (column, owner, tag, SQL or description; its text); two statements at most."""
    words = [*asked.words, *(word for name, told in asked.operators.items() if name not in IN_NAME for word in told)]
    operators = {word for name, told in asked.operators.items() if name not in IN_NAME for word in told}
    open_ = {row.id: [word for word in words if word in operators or not _in_name(word, row)] for row in rows}
    ids = [id_ for id_, left in open_.items() if left]
    if not ids:
        return {}
    documents = {row.entity_id: set(row.words.split()) for row in session.execute(queries.words_of(kind, ids))}
    said: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for _kind, id_, what, text in session.execute(queries.said({kind: ids})):
        said[id_].append((what, text))
    descriptions = {row.id: row.description or "" for row in rows}
    return {id_: tuple(_told(open_[id_], documents.get(id_, set()), said[id_], descriptions[id_])) for id_ in ids}


def _in_name(word: Word, row: Any) -> bool:
    told = f"{row.name} {row.namespace}".casefold()
    return all(part in told for part in word.text.casefold().split())


def _told(words: Iterable[Word], document: set[str], said: list[tuple[str, str]], description: str) -> list[Any]:
    found: dict[tuple[str, str], None] = {}
    for word in words:
        found.update(dict.fromkeys(_of(word, document, said, description)))
    return list(found)[:MOST]


def _of(word: Word, document: set[str], said: list[tuple[str, str]], description: str) -> list[tuple[str, str]]:
    parts = [part for part in word.text.casefold().split(",") if part]
    found = [("column", name) for name in word.columns if column_token(name) in document]
    found += [(what, text) for what, text in said if any(part in text.casefold() for part in parts)]
    if not found and any(part in description.casefold() for part in parts):
        found.append(("description", _around(description, parts)))
    if not found and any(set(field_tokens("s", part)) <= document for part in parts):
        found.append(("SQL", word.text))
    return found


def _around(text: str, parts: list[str]) -> str:
    at = min((place for part in parts if (place := text.casefold().find(part)) >= 0), default=0)
    start = max(0, at - 30)
    return ("…" if start else "") + text[start : at + 60].strip() + ("…" if at + 60 < len(text) else "")
