"""Rows of the scratch projection against rows of the realm, in terms of the realm's ids."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.bulk import allocate, insert_rows, select_in
from app.jobs.models import Job, Run
from app.lineage.models import Assertion, Claim, Dataset, Interaction, Schema
from app.lineage.rebuild.tables import Table

KINDS = {"job": (Job, "id"), "dataset": (Dataset, "id"), "run": (Run, "number"), "schema": (Schema, "id")}


class Ids:
    """Which id of the realm stands for which id of the scratch; jobs, datasets, runs and schemas by digest.

    Kept from step to step; a table is read again when rows came or went on either side.
    """

    def __init__(self, scratch: Session, realm_id: int) -> None:
        self.scratch = scratch
        self.realm_id = realm_id
        self.maps: dict[str, dict[int, int]] = {"assertion": {0: 0}}
        self._read: dict[str, tuple[Any, ...]] = {}

    def refresh(self, main: Session) -> Self:
        """Take in what changed since the last call, and return itself."""
        for kind, (model, key) in KINDS.items():
            if self._has_changed(main, kind, model, key):
                ours = {row.digest: row.key for row in self._keys(main, model, key)}
                theirs = {row.key: row.digest for row in self._keys(self.scratch, model, key)}
                self.maps[kind] = {id_: ours[digest] for id_, digest in theirs.items() if digest in ours} | {0: 0}
                self._read.pop("assertion", None)
        if self._has_changed(main, "assertion", Assertion, "id"):
            self._assertions(main)
        return self

    def _has_changed(self, main: Session, kind: str, model: Any, key: str) -> bool:
        column = getattr(model, key)
        query = select(func.min(column), func.max(column), func.count()).where(model.realm_id == self.realm_id)
        found = tuple(tuple(session.connection().execute(query).one()) for session in (main, self.scratch))
        before, self._read[kind] = self._read.get(kind), found
        return before != found

    def _keys(self, session: Session, model: Any, key: str) -> Any:
        query = select(getattr(model, key).label("key"), model.digest).where(model.realm_id == self.realm_id)
        return session.connection().execute(query)

    def _assertions(self, main: Session) -> None:
        """Match assertions by dataset and digest."""
        ours = {(row.dataset_id, row.digest): row.id for row in rows_of(main, Assertion, self.realm_id)}
        datasets, found = self.maps["dataset"], {0: 0}
        for row in rows_of(self.scratch, Assertion, self.realm_id):
            match = ours.get((datasets.get(row.dataset_id, -1), row.digest))
            if match is not None:
                found[row.id] = match
        self.maps["assertion"] = found

    def translate(self, table: Table, row: Any) -> dict[str, Any]:
        """Return the columns of a scratch row with the realm's ids; an unknown one becomes -1."""
        values: dict[str, Any] = row._asdict()
        for column, kind in table.refs.items():
            if values[column] is not None:
                values[column] = self.maps[kind].get(values[column], -1)
        if table.model is Claim:
            kind, _, id_ = values["source"].partition(":")
            values["source"] = f"{kind}:{self.maps[kind].get(int(id_), -1)}"
            for side in ("from", "to"):
                kind = values[f"{side}_kind"]
                values[f"{side}_id"] = self.maps[kind].get(values[f"{side}_id"], -1) if kind != "none" else 0
        return values


def rows_of(session: Session, model: Any, realm_id: int) -> list[Any]:
    """Return all rows of a table of the realm."""
    table = model.__table__
    return list(session.connection().execute(table.select().where(table.c.realm_id == realm_id)))


def grouped(session: Session, table: Table, realm_id: int, groups: Iterable[Any]) -> list[Any]:
    """Return the rows of a table that hang on the given things."""
    columns = table.model.__table__.columns
    return select_in(session, columns, realm_id, getattr(table.model, table.group), list(groups), table.where)


def identity(table: Table, values: dict[str, Any]) -> tuple[Any, ...]:
    """Return what makes two rows equal: all columns that the events decide."""
    return tuple(str(values[name]) for name in sorted(values) if name not in table.skip)


def difference(
    table: Table, wanted: list[dict[str, Any]], present: list[dict[str, Any]], oldest: datetime
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return (missing, extra) rows; extra ones from before the oldest kept raw event do not count."""
    want = {identity(table, row): row for row in wanted}
    have = {identity(table, row): row for row in present}
    missing = [row for key, row in want.items() if key not in have]
    extra = [row for key, row in have.items() if key not in want and not _is_old(table, row, oldest)]
    return missing, extra


def _is_old(table: Table, row: dict[str, Any], oldest: datetime) -> bool:
    if table.at is None:
        return False
    at: date = row[table.at]
    return at < oldest if isinstance(at, datetime) else at < oldest.date()


def write(session: Session, table: Table, missing: list[dict[str, Any]], extra: list[dict[str, Any]]) -> None:
    """Take extra rows away and add missing ones under fresh ids."""
    model, connection = table.model.__table__, session.connection()
    keys = list(model.primary_key.columns)
    for row in extra:
        same = [column == row[column.name] for column in keys]
        connection.execute(model.delete().where(model.c.realm_id == row["realm_id"], *same))
    if not missing:
        return
    if table.model is Interaction:
        for row in missing:
            row["id"] = uuid7()
    elif [column.name for column in keys] == ["id"]:
        for id_, row in zip(allocate(connection, model, len(missing)), missing, strict=True):
            row["id"] = id_
    insert_rows(connection, model, missing)
