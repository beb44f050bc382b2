"""What is said of datasets beside their rows: other names, fields, tags, facets, versions. Constant in statements."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from app.lineage.marquez import columns, facets, queries
from app.lineage.marquez.ids import schema_version
from app.lineage.marquez.runs import newest_of
from app.lineage.marquez.shapes import Said
from app.lineage.models import Dataset


def said(session: Session, rows: Sequence[Dataset], *, whole: bool = True) -> dict[int, Said]:
    """Return what is said of each dataset, by id; eleven statements.

    ``whole`` brings all facets, the current version and column lineage; without it only the source is read.
    """
    if not rows:
        return {}
    groups = _groups(session, rows)
    ids = {one.id for names in groups.values() for one in names}
    found = {row.id: Said(groups[row.id]) for row in rows}
    fields = fields_of(session, {one.schema_id for names in groups.values() for one in names})
    tags = _by_column(session.execute(queries.tags("dataset", ids)))
    texts = _by_column(session.execute(queries.described("dataset", ids)))
    contents = facets.load(session, {key: _wanted(one, whole=whole) for key, one in found.items()})
    for one in found.values():
        one.fields = next((fields[name.schema_id] for name in one.names if name.schema_id in fields), [])
        for name in one.names:
            _add(one, tags.get(name.id, {}), texts.get(name.id, {}))
    for key, kept in contents.items():
        found[key].facets = kept
    if whole:
        _complete(session, found)
    return found


def _groups(session: Session, rows: Sequence[Dataset]) -> dict[int, list[Dataset]]:
    """Return all names of each dataset by id, its own first, then the canonical one."""
    canonical = {row.id: row.alias_for_dataset_id or row.id for row in rows}
    by_home: dict[int, list[Dataset]] = defaultdict(list)
    for one in session.scalars(queries.group(set(canonical.values()))):
        by_home[one.alias_for_dataset_id or one.id].append(one)
    return {
        row.id: [row, *sorted((one for one in by_home[canonical[row.id]] if one.id != row.id), key=_canonical_first)]
        for row in rows
    }


def _canonical_first(row: Dataset) -> tuple[bool, int]:
    return row.alias_for_dataset_id is not None, row.id


def fields_of(session: Session, ids: Collection[int | None]) -> dict[int | None, list[Any]]:
    """Return the fields of schemas as they were sent, by id; one statement."""
    wanted = {one for one in ids if one is not None}
    rows = session.execute(queries.schemas(wanted)) if wanted else ()
    return {row.id: body for row in rows if isinstance(body := msgspec.json.decode(row.fields), list)}


def _by_column(rows: Iterable[Any]) -> dict[int, dict[str | None, list[str]]]:
    found: dict[int, dict[str | None, list[str]]] = defaultdict(lambda: defaultdict(list))
    for entity, column, text in rows:
        found[entity][column].append(text)
    return found


def _add(one: Said, tags: dict[str | None, list[str]], texts: dict[str | None, list[str]]) -> None:
    for column, keys in tags.items():
        one.columns[column] = sorted({*one.columns.get(column, []), *keys})
    for column, said_of_it in texts.items():
        one.described.setdefault(column, said_of_it[-1])


def _wanted(one: Said, *, whole: bool) -> dict[str, list[Any]]:
    found = facets.merged(name.facets for name in one.names)
    return found if whole else {name: item for name, item in found.items() if name == "dataSource"}


def _complete(session: Session, found: dict[int, Said]) -> None:
    ids = {name.id for one in found.values() for name in one.names}
    versions = current_versions(session, {key: one.names for key, one in found.items()})
    links = columns.by_output(session, ids)
    for key, one in found.items():
        one.version = versions.get(key)
        one.lineage = columns.told([link for name in one.names for link in links.get(name.id, [])], one.facets) or None


def current_versions(session: Session, groups: dict[int, list[Dataset]]) -> dict[int, UUID]:
    """Return the newest version of each group of names: its newest write, else its newest schema; three statements."""
    ids = {one.id for names in groups.values() for one in names}
    newest = {row[0]: row[1] for row in session.execute(queries.newest_writes(ids))} if ids else {}
    writes = newest_of(session, {write for write in newest.values() if write is not None})
    spans: dict[int, list[Any]] = defaultdict(list)
    for span in session.scalars(queries.spans(ids)) if ids else ():
        spans[span.dataset_id].append(span)
    found: dict[int, UUID] = {}
    for key, names in groups.items():
        written = [writes[newest[one.id]] for one in names if newest.get(one.id) is not None]
        last = max(written, key=lambda row: (row.started_at, row.id), default=None)
        mine = [span for one in names for span in spans[one.id]]
        shaped = changes(mine, last.started_at if last else None)
        if shaped:
            found[key] = schema_version(shaped[-1].id)
        elif last is not None:
            found[key] = last.id
    return found


def changes(spans: Sequence[Any], since: Any = None) -> list[Any]:
    """Return the stretches that brought another schema without a write, oldest first, those after ``since``."""
    found, before = [], None
    for span in sorted(spans, key=lambda span: (span.first_at, span.first_event, span.id)):
        if span.schema_id != before and span.direction != "output" and (since is None or span.first_at > since):
            found.append(span)
        before = span.schema_id
    return found
