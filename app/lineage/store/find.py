"""Search documents: what datasets, jobs and columns are found by, kept in the transaction that changes it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256
from itertools import islice
from typing import Any, Final

import msgspec
from sqlalchemy.orm import Session

from app.bulk import insert_rows, select_in, update_rows
from app.jobs.models import Description, FacetBody, Job, Owner, Tag
from app.lineage.models import Dataset, Schema, SearchEntry
from app.lineage.schema_fields import flatten
from app.lineage.store.names import Names
from app.locations.grammar import locate
from app.web import tokens

TOLD: Final = frozenset({"schema", "tags", "ownership", "documentation", "sql", "jobType"})
KINDS: Final = {"dataset": "d", "job": "j", "column": "c"}
MOST_COLUMNS: Final = 2_000
MOST_SQL: Final = 1_500
LONGEST_TEXT: Final = 1_500
DATASET_COLUMNS: Final = (Dataset.id, Dataset.namespace, Dataset.name, Dataset.label, Dataset.description,
                          Dataset.schema_id)  # fmt: skip
JOB_COLUMNS: Final = (Job.id, Job.namespace, Job.name, Job.description, Job.integration, Job.facets)


def index_names(session: Session, realm_id: int, names: Names) -> None:
    """Index what is new in this batch, and what is told anew of what was known; most batches write nothing."""
    for kind, entities in (("job", names.jobs), ("dataset", names.datasets)):
        told = [entity.id for entity in entities.values() if entity.is_new or TOLD & entity.fresh.keys()]
        refresh_words(session, realm_id, kind, told)


def refresh_words(session: Session, realm_id: int, kind: str, ids: Collection[int]) -> list[int]:
    """Make the search documents of datasets or jobs (``kind``) anew; returns the ids of those that differed.

    Call it after changing names, owners, tags, descriptions or schemas, in the same transaction; it does not commit.
    Seven reads whatever the number of ids, and writes for what differs; without ids it does nothing.
    """
    if not ids:
        return []
    session.flush()
    made = _datasets(session, realm_id, ids) if kind == "dataset" else _jobs(session, realm_id, ids)
    columns = (SearchEntry.id, SearchEntry.entity_id, SearchEntry.words)
    kept = select_in(session, columns, realm_id, SearchEntry.entity_id, ids, f"AND kind = '{kind}'")
    known = {row.entity_id: row for row in kept}
    rows: list[dict[str, Any]] = [
        {"realm_id": realm_id, "kind": kind, "entity_id": id_, "name": name, "words": words}
        for id_, name, words in made
        if id_ not in known or known[id_].words != words
    ]
    changed = [row | {"id": known[row["entity_id"]].id} for row in rows if row["entity_id"] in known]
    update_rows(session.connection(), SearchEntry.__table__, changed, key="id")
    _insert(session, [row for row in rows if row["entity_id"] not in known])
    return [row["entity_id"] for row in rows]


def scope_token(kind: str, realm_id: int) -> str:
    """Return the token all documents of a kind in a realm have, so that a search reads no others."""
    return f"r{KINDS[kind]}{realm_id}"


def column_token(column: str) -> str:
    """Return the token of datasets that have this column, in any case."""
    return "k" + tokens.short(column.casefold())


def _insert(session: Session, rows: list[dict[str, Any]]) -> None:
    connection = session.connection()
    insert_rows(connection, SearchEntry.__table__, rows, conflict=("realm_id", "kind", "entity_id"))


def _datasets(session: Session, realm_id: int, ids: Collection[int]) -> list[tuple[int, str, str]]:
    rows = select_in(session, DATASET_COLUMNS, realm_id, Dataset.id, ids)
    said = _said(session, realm_id, "dataset", ids)
    columns = _columns(session, realm_id, {row.schema_id for row in rows} - {None})
    _index_columns(session, realm_id, (column for found in columns.values() for column in found))
    made = []
    for row in rows:
        place = locate(row.namespace).type
        found = _document(
            scope_token("dataset", realm_id),
            *_names(row.name, row.label),
            tokens.index_document(row.name, row.namespace),
            *_place(row.namespace, place),
            *said[row.id],
            *(column_token(column) for column in columns.get(row.schema_id, ())),
            tokens.index_document((row.description or "")[:LONGEST_TEXT]),
        )
        made.append((row.id, row.name, found))
    return made


def _jobs(session: Session, realm_id: int, ids: Collection[int]) -> list[tuple[int, str, str]]:
    rows = select_in(session, JOB_COLUMNS, realm_id, Job.id, ids)
    said = _said(session, realm_id, "job", ids)
    sql = _sql(session, realm_id, {row.id: row.facets for row in rows})
    made = []
    for row in rows:
        place = locate(row.namespace).type
        found = _document(
            scope_token("job", realm_id),
            *_names(row.name, row.name),
            tokens.index_document(row.name, row.namespace),
            *_place(row.namespace, place, row.integration or ""),
            *said[row.id],
            tokens.index_document((row.description or "")[:LONGEST_TEXT]),
            *_sql_words(sql.get(row.id, "")),
        )
        made.append((row.id, row.name, found))
    return made


def _document(*words: str) -> str:
    return " ".join(dict.fromkeys(" ".join(words).split()))


def _names(name: str, label: str) -> Iterator[str]:
    for told in dict.fromkeys((name, label, *(name.rpartition(mark)[2] for mark in "./:"))):
        yield from tokens.name_tokens(told)


def _place(namespace: str, *platforms: str) -> Iterator[str]:
    yield from tokens.field_tokens("l", namespace)
    for platform in platforms:
        yield from tokens.field_tokens("p", platform)


def _said(session: Session, realm_id: int, kind: str, ids: Collection[int]) -> dict[int, list[str]]:
    extra = f"AND kind = '{kind}'"
    found: dict[int, list[str]] = defaultdict(list)
    for row in select_in(session, (Owner.entity_id, Owner.name), realm_id, Owner.entity_id, ids, extra):
        found[row.entity_id] += [tokens.index_document(row.name), *tokens.field_tokens("o", row.name)]
    for row in select_in(session, (Tag.entity_id, Tag.key, Tag.value), realm_id, Tag.entity_id, ids, extra):
        told = row.key if row.value in (None, row.key) else f"{row.key} {row.value}"
        found[row.entity_id] += [tokens.index_document(told), *tokens.field_tokens("t", told)]
    columns = (Description.entity_id, Description.text)
    for row in select_in(session, columns, realm_id, Description.entity_id, ids, extra):
        found[row.entity_id].append(tokens.index_document(row.text[:LONGEST_TEXT]))
    return defaultdict(list, {id_: sorted(words) for id_, words in found.items()})


def _columns(session: Session, realm_id: int, schemas: set[int]) -> dict[int, list[str]]:
    rows = select_in(session, (Schema.id, Schema.fields), realm_id, Schema.id, schemas)
    found = {row.id: flatten(msgspec.json.decode(row.fields)) for row in rows}
    return {id_: [field.path for field in islice(fields, MOST_COLUMNS)] for id_, fields in found.items()}


def _index_columns(session: Session, realm_id: int, columns: Iterable[str]) -> None:
    """Remember the names of columns: what is looked for inside of them is looked for in this list."""
    by_key = {_key(column): column for column in columns}
    extra = "AND kind = 'column'"
    kept = select_in(session, (SearchEntry.entity_id,), realm_id, SearchEntry.entity_id, by_key, extra)
    known = {row.entity_id for row in kept}
    scope = scope_token("column", realm_id)
    _insert(
        session,
        [
            {
                "realm_id": realm_id,
                "kind": "column",
                "entity_id": key,
                "name": column,
                "words": f"{scope} {tokens.index_document(column)}",
            }
            for key, column in sorted(by_key.items())
            if key not in known
        ],
    )


def _key(column: str) -> int:
    return int.from_bytes(sha256(column.casefold().encode(errors="replace")).digest()[:8]) >> 1


def _sql(session: Session, realm_id: int, facets: dict[int, str]) -> dict[int, str]:
    digests = {}
    for job_id, index in facets.items():
        told = msgspec.json.decode(index).get("sql")
        if told is not None and told[2] and not told[3]:
            digests[job_id] = bytes.fromhex(told[2])
    columns = (FacetBody.digest, FacetBody.body)
    rows = select_in(session, columns, realm_id, FacetBody.digest, set(digests.values()))
    bodies = {row.digest: msgspec.json.decode(row.body).get("query") for row in rows}
    found = {job_id: bodies.get(digest) for job_id, digest in digests.items()}
    return {job_id: query for job_id, query in found.items() if isinstance(query, str)}


def _sql_words(query: str) -> list[str]:
    """Return the tokens of a statement: its parts and pairs of them, without numbers, which differ from run to run."""
    told = " ".join(word for word in query[:20_000].replace("'", " ").split() if not word.strip("(),;").isdigit())
    found = dict.fromkeys((*tokens.field_tokens("s", told), *tokens.pair_tokens(told)))
    return [token for token in found if not token[2:].isdigit()][:MOST_SQL]
