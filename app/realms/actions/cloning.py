"""Make slices: empty ones, and copies of what is in another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, RowMapping, insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.changes.actor import Actor
from app.changes.log import record
from app.realms.actions.slices import label_of, settle
from app.realms.actions.turns import take_turn
from app.realms.models import RealmSlice
from app.realms.queries import slices as queries
from app.realms.sliced import SliceTable, slice_tables
from app.refusal import Problem, Refused

LONGEST_TEXT, LARGEST_ID, AT_ONCE = 200, 2**63 - 1, 1_000
Ids = dict[str, dict[Any, Any]]


@dataclass(frozen=True, slots=True)
class SliceDraft:
    """Words for a slice, None for those of its source; with ``apps`` only what these own is copied, None for all."""

    descr: str | None = None
    copy_of: int | None = None
    apps: tuple[str, ...] | None = None


def add_slice(session: Session, draft: SliceDraft, *, actor: Actor) -> RealmSlice:
    """Make a slice, active and empty or a copy of another, in one transaction. Flushes.

    Raises Refused 422: ``too_long``, ``unknown`` source, ``unknown_app``, and ``copy_of_required`` for apps alone.
    """
    realm = take_turn(session)
    settle(session, actor=actor)
    source, apps = _source(session, draft), _apps(session, draft)
    problems = [*_bad_text(draft), *_bad_source(draft, source), *_bad_apps(draft, apps)]
    if problems:
        raise Refused(*problems)
    given = (draft.descr or "").strip()
    row = RealmSlice(
        realm_id=realm.id,
        descr=given or (source.descr if source else ""),
        active=True,
        createdby=actor.name,
        copied_from=source.id if source else None,
    )
    session.add(row)
    session.flush()
    chosen = None if draft.apps is None else tuple(apps.values())
    counts = _copy(session, source.id, row.id, chosen) if source else {}
    told = {"descr": row.descr, "copied_from": row.copied_from, **counts}
    fields = [(name, None, value) for name, value in told.items() if value]
    record(
        session, "realmslice.cloned" if source else "realmslice.created", "realmslice", row.id, label_of(row), actor,
        fields=fields,
    )  # fmt: skip
    return row


def _copy(session: Session, source: int, target: int, apps: tuple[int, ...] | None) -> dict[str, int]:
    """Copy the rows of every table, parents first; returns how many of each. Reads and writes 1,000 at a time."""
    ids: Ids = {}
    for table in slice_tables():
        if table.cloned:
            ids[table.name] = {}
            for rows in _read(session, table, source, apps, ids):
                ids[table.name].update(_write(session, table, rows, target, ids))
    return {name: len(found) for name, found in ids.items()}


def _read(
    session: Session, table: SliceTable, source: int, apps: tuple[int, ...] | None, ids: Ids
) -> Iterator[Sequence[RowMapping]]:
    """Yield the rows to copy; those that belong to their parents are found by parents that were copied."""
    own, through = table.table, table.through(by_app=apps is not None)
    if through is not None:
        column, parents = own.c[through[0]], list(ids[through[1]])
        for start in range(0, len(parents), AT_ONCE):
            these = (own.c.realm_id == session.info["realm_id"], column.in_(parents[start : start + AT_ONCE]))
            yield session.execute(select(own).where(*these).order_by(own.c.id)).mappings().all()
        return
    query = select(own).where(table.of_slice(session.info["realm_id"], source, apps)).order_by(own.c.id).limit(AT_ONCE)
    rows: Sequence[RowMapping] = session.execute(query).mappings().all()
    while rows:
        yield rows
        rows = session.execute(query.where(own.c.id > rows[-1]["id"])).mappings().all()


def _write(session: Session, table: SliceTable, rows: Sequence[RowMapping], target: int, ids: Ids) -> dict[Any, Any]:
    """Insert copies that belong to the target; returns the new id of each old one."""
    own, made = table.table, dict[Any, Any]()
    pairs = sorted(((row["id"], _copied(table, row, target, ids)) for row in rows), key=lambda pair: tuple(pair[1]))
    for _names, group in groupby(pairs, key=lambda pair: tuple(pair[1])):
        old, new = zip(*group, strict=True)
        found = session.scalars(insert(own).returning(own.c.id, sort_by_parameter_order=True), list(new))
        made.update(zip(old, found, strict=True))
    return made


def _copied(table: SliceTable, row: RowMapping, target: int, ids: Ids) -> dict[str, Any]:
    own = table.table.c
    # A JSON column given as None would hold the JSON null, which the source does not.
    kept = {name: value for name, value in row.items() if value is not None or not isinstance(own[name].type, JSON)}
    del kept["id"]
    if "slice_id" in own:
        kept["slice_id"] = target
    for column, parent in table.parents.items():
        if row[column] is not None:
            kept[column] = ids[parent][row[column]]
    kept.update(table.fresh)
    return {"id": uuid7(), **kept} if own.id.type.python_type is UUID else kept


def _source(session: Session, draft: SliceDraft) -> RealmSlice | None:
    if draft.copy_of is None or not 0 < draft.copy_of <= LARGEST_ID:
        return None
    return session.scalar(queries.one(draft.copy_of))


def _apps(session: Session, draft: SliceDraft) -> dict[str, int]:
    if not draft.apps:
        return {}
    return {app.shortnamelc: app.id for app in session.scalars(queries.apps_named([*map(str.lower, draft.apps)]))}


def _bad_text(draft: SliceDraft) -> list[Problem]:
    if len((draft.descr or "").strip()) <= LONGEST_TEXT:
        return []
    return [Problem("too_long", f"Describe it in at most {LONGEST_TEXT} characters.", "descr")]


def _bad_source(draft: SliceDraft, source: RealmSlice | None) -> list[Problem]:
    if draft.copy_of is not None and source is None:
        return [Problem("unknown", "There is no such slice to copy.", "copy_of", draft.copy_of)]
    if draft.copy_of is None and draft.apps:
        return [Problem("copy_of_required", "Apps choose what of another slice is copied; name that slice.", "copy_of")]
    return []


def _bad_apps(draft: SliceDraft, known: dict[str, int]) -> list[Problem]:
    return [
        Problem("unknown_app", f"There is no app {name[:100]} here.", "apps", name[:100])
        for name in draft.apps or ()
        if name.lower() not in known
    ]
