"""What retention took away, so that a rebuild does not mistake it for a difference.

A thing that was known before the oldest kept event arrived was told by events that are gone: of it only what belongs to
a later day can be computed again.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bulk import select_in
from app.lineage.models import Edge, Interaction, Metric, Retention
from app.lineage.rebuild.compare import KINDS, Ids
from app.lineage.rebuild.tables import Table

# Rows of one moment; rows that span time are told by more than one event.
POINTS = (Edge, Metric)
SLACK = timedelta(minutes=1)


class Kept:
    """From when on events, runs and edges by day are whole; None where nothing was taken."""

    def __init__(self, main: Session, realm_id: int) -> None:
        table = Retention.__table__
        query = select(table.c.what, table.c.kept_from).where(table.c.realm_id == realm_id)
        days = {row.what: row.kept_from for row in main.connection().execute(query)}
        self.realm_id = realm_id
        self.events = _midnight(days["events"]) + SLACK if "events" in days else None
        self.runs = _midnight(days["runs"]) if "runs" in days else None
        self.edges = days.get("edges")

    def took_run(self, row: Any) -> bool:
        """Return whether a run that is not there may have been taken."""
        return self.runs is not None and row.began_at < self.runs

    def told_before(self, main: Session, kind: str, ids: Iterable[int]) -> set[int]:
        """Return which things of the realm were known before the oldest kept event arrived."""
        if self.events is None:
            return set()
        model: Any
        model, key = KINDS[kind]
        column = model.id if kind == "run" else model.created_at
        rows = select_in(main, [getattr(model, key), column], self.realm_id, getattr(model, key), ids)
        return {row[0] for row in rows if (_minted(row[1]) if kind == "run" else row[1]) < self.events}

    def spanning(self, main: Session, ids: Ids) -> set[int]:
        """Return the jobs whose edges rest on a run that was told by kept events and by ones that are gone."""
        old = self.told_before(main, "run", ids.maps["run"].values())
        theirs = [scratch for scratch, ours in ids.maps["run"].items() if ours in old]
        columns = [Interaction.job_id, Interaction.operation]
        rows = select_in(ids.scratch, columns, self.realm_id, Interaction.operation, theirs)
        return {ids.maps["job"].get(row.job_id, 0) for row in rows}

    def comparable(self, table: Table, rows: list[dict[str, Any]], *, late: bool) -> list[dict[str, Any]]:
        """Return the rows that events decide: no days that became months; ``late``, only of days kept whole."""
        if table.model is Edge and self.edges is not None:
            rows = [row for row in rows if row["day"] >= self.edges]
        if not late or self.events is None or table.at is None:
            return rows
        return [row for row in rows if _day(row[table.at]) > self.events.date()]


def forget(table: Table, rows: list[dict[str, Any]], ids: Ids) -> None:
    """Let references to runs that are on one side only count for nothing."""
    columns = [column for column, kind in table.refs.items() if kind == "run"]
    known = set(ids.maps["run"].values()) if columns else set()
    for row in rows:
        for column in columns:
            if row[column] not in known:
                row[column] = None if table.model.__table__.c[column].nullable else 0


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _minted(id_: Any) -> datetime:
    return datetime.fromtimestamp((id_.int >> 80) / 1000, UTC)


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
