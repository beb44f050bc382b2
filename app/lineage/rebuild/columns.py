"""Column sets with their edges: compared and replaced per dataset, because rows share edges."""

from collections import defaultdict
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.bulk import allocate, insert_rows, select_in
from app.lineage.models import ColumnEdge, ColumnSet
from app.lineage.rebuild.compare import Ids

Sets = dict[int, list[dict[str, Any]]]


def load(session: Session, realm_id: int, datasets: list[int], ids: Ids | None) -> Sets:
    """Return column sets with their ``edges`` by dataset; ids are translated where ``ids`` are given."""
    rows = select_in(session, ColumnSet.__table__.columns, realm_id, ColumnSet.dataset_id, datasets)
    holders = {row.edges_of for row in rows}
    edges: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in select_in(session, ColumnEdge.__table__.columns, realm_id, ColumnEdge.set_id, holders):
        values = row._asdict()
        if ids is not None:
            values["dataset_id"] = ids.maps["dataset"].get(row.dataset_id, -1)
        edges[row.set_id].append(values)
    found: Sets = defaultdict(list)
    for row in rows:
        values = row._asdict()
        if ids is not None:
            values["dataset_id"] = ids.maps["dataset"].get(row.dataset_id, -1)
            values["job_id"] = ids.maps["job"].get(row.job_id, -1)
        found[values["dataset_id"]].append(values | {"edges": edges[row.edges_of]})
    return found


def content(sets: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """Return what the events decide of the column sets of one dataset."""
    return {
        (
            row["job_id"],
            bytes(row["digest"]),
            *(str(row[name]) for name in ("first_at", "first_event", "last_at", "last_event")),
            frozenset((e["output_column"], e["dataset_id"], e["column"], e["kinds"]) for e in row["edges"]),
        )
        for row in sets
    }


def replace(
    session: Session, realm_id: int, dataset: int, present: list[dict[str, Any]], wanted: list[dict[str, Any]]
) -> None:
    """Put the wanted column sets of a dataset in place of the present ones."""
    connection = session.connection()
    old = [row["id"] for row in present]
    connection.execute(delete(ColumnEdge).where(ColumnEdge.realm_id == realm_id, ColumnEdge.set_id.in_(old)))
    connection.execute(delete(ColumnSet).where(ColumnSet.realm_id == realm_id, ColumnSet.dataset_id == dataset))
    fresh: dict[Any, int] = dict(
        zip((row["id"] for row in wanted), allocate(connection, ColumnSet.__table__, len(wanted)), strict=True)
    )
    edges: dict[int, list[dict[str, Any]]] = {}
    rows: list[dict[str, Any]] = []
    for row in wanted:
        holder = fresh.get(row["edges_of"], fresh[row["id"]])
        edges[holder] = row["edges"]
        plain = {name: value for name, value in row.items() if name != "edges"}
        rows.append(plain | {"id": fresh[row["id"]], "edges_of": holder})
    insert_rows(connection, ColumnSet.__table__, rows)
    lines = [edge | {"set_id": holder} for holder, items in edges.items() for edge in items]
    for id_, line in zip(allocate(connection, ColumnEdge.__table__, len(lines)), lines, strict=True):
        line["id"] = id_
    insert_rows(connection, ColumnEdge.__table__, lines)
