"""Symlinks between datasets, claimed edges, and control flow between jobs."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.bulk import insert_rows, select_in, update_rows
from app.driver import bound, execute
from app.jobs.models import Dependency
from app.lineage.models import Claim, Dataset, Symlink
from app.lineage.openlineage.extract import End
from app.lineage.openlineage.times import moment
from app.lineage.store.mentions import Claimed, Depends, Symlinked
from app.lineage.store.names import Names
from app.locations.grammar import locate

CATALOGS = {"hive", "awsglue", "unitycatalog", "iceberg"}
TOPICS = {"kafka", "pubsub"}
PATHS = {"s3", "gs", "oss", "cos", "abfss", "wasbs", "dbfs", "hdfs", "file", "custom", "inmemory"}
LATEST = (
    "first_at = {least}({table}.first_at, excluded.first_at), last_at = {greatest}({table}.last_at, excluded.last_at)"
)


def save_symlinks(session: Session, realm_id: int, names: Names, found: list[Symlinked]) -> list[tuple[int, int]]:
    """Write symlinks; where one is new, recompute its group. Returns (alias, canonical) of datasets newly merged."""
    pairs: dict[tuple[int, int, str], list[int]] = {}
    for item in found:
        one, other = names.datasets[item.dataset].id, names.datasets[item.other].id
        if one != other:
            times = pairs.setdefault((one, other, item.type), [item.us, item.us])
            times[:] = min(times[0], item.us), max(times[1], item.us)
    if not pairs:
        return []
    ids = {pair[0] for pair in pairs}
    columns = (Symlink.dataset_id, Symlink.other_id, Symlink.type)
    known = {tuple(row) for row in select_in(session, columns, realm_id, Symlink.dataset_id, ids)}
    rows = [
        {
            "realm_id": realm_id,
            "dataset_id": a,
            "other_id": b,
            "type": type_,
            "first_at": moment(t[0]),
            "last_at": moment(t[1]),
        }
        for (a, b, type_), t in sorted(pairs.items())
    ]
    connection = bound(session)
    conflict = ("realm_id", "dataset_id", "other_id", "type")
    insert_rows(connection, Symlink.__table__, rows, conflict=conflict, update=LATEST)
    new = {id_ for pair in pairs if pair not in known for id_ in pair[:2]}
    return regroup(session, realm_id, new, names) if new else []


def regroup(
    session: Session, realm_id: int, datasets: Iterable[int], names: Names | None = None
) -> list[tuple[int, int]]:
    """Recompute the symlink groups around ``datasets``: one canonical name each, all others its aliases.

    Returns (alias, canonical) of those that changed. Suppressed symlinks do not join.
    """
    edges = _component(session, realm_id, set(datasets))
    columns = (Dataset.id, Dataset.namespace, Dataset.name, Dataset.pinned, Dataset.alias_for_dataset_id)
    rows = {row.id: row for row in select_in(session, columns, realm_id, Dataset.id, edges)}
    entities = {entity.id: entity for entity in names.datasets.values()} if names is not None else {}
    changed, updates = [], []
    for group in _groups(edges):
        canonical = min(group, key=lambda id_: _preference(rows[id_]))
        for id_ in group:
            alias = None if id_ == canonical else canonical
            if rows[id_].alias_for_dataset_id != alias:
                if id_ in entities:
                    entities[id_].put(alias_for_dataset_id=alias)
                updates.append({"id": id_, "realm_id": realm_id, "alias_for_dataset_id": alias})
                if alias is not None:
                    changed.append((id_, alias))
    update_rows(bound(session), Dataset.__table__, updates, key="id")
    return changed


def _preference(row: Any) -> tuple[bool, int, str, str]:
    type_ = locate(row.namespace).type
    family = 0 if type_ in CATALOGS else 2 if type_ in TOPICS else 3 if type_ in PATHS else 1
    return (not row.pinned, family, row.namespace, row.name)


def _component(session: Session, realm_id: int, datasets: set[int]) -> dict[int, set[int]]:
    edges: dict[int, set[int]] = {id_: set() for id_ in datasets}
    frontier = set(datasets)
    while frontier:
        rows = execute(
            bound(session),
            select(Symlink.dataset_id, Symlink.other_id).where(
                Symlink.realm_id == realm_id,
                Symlink.suppressed_at.is_(None),
                or_(Symlink.dataset_id.in_(frontier), Symlink.other_id.in_(frontier)),
            ),
        )
        reached = set()
        for one, other in rows:
            edges.setdefault(one, set()).add(other)
            edges.setdefault(other, set()).add(one)
            reached |= {one, other}
        frontier = reached - datasets
        datasets = datasets | reached
    return edges


def _groups(edges: dict[int, set[int]]) -> list[set[int]]:
    groups, seen = [], set()
    for start in edges:
        if start in seen:
            continue
        group, stack = set(), [start]
        while stack:
            node = stack.pop()
            if node not in group:
                group.add(node)
                stack.extend(edges[node] - group)
        seen |= group
        groups.append(group)
    return groups


def save_claims(session: Session, realm_id: int, names: Names, found: list[Claimed]) -> None:
    """Write claimed edges, each once per source and evidence, with first and last report."""
    keys = ("evidence", "source", "from_kind", "from_id", "from_column", "to_kind", "to_id", "to_column")
    values = [
        dict(zip(keys, key, strict=True))
        | {
            "realm_id": realm_id,
            "kinds": row["kinds"],
            "first_at": moment(row["first"][0]),
            "last_at": moment(row["last"][0]),
            "last_event": row["last"][1],
        }
        for key, row in sorted(_reported(names, found).items())
    ]
    connection = bound(session)
    update = f"{_newer('last_event')}, {_newer('kinds')}, {LATEST}"
    insert_rows(connection, Claim.__table__, values, conflict=("realm_id", *keys), update=update)


def _newer(column: str) -> str:
    newer = "excluded.last_at >= {table}.last_at"
    return f"{column} = CASE WHEN {newer} THEN excluded.{column} ELSE {{table}}.{column} END"


def _reported(names: Names, found: list[Claimed]) -> dict[tuple[Any, ...], dict[str, Any]]:
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for item in found:
        source = f"{item.source.kind}:{_id(names, item.source)}"
        from_, to = item.claim.source, item.claim.target
        ends = (from_.kind, _id(names, from_), from_.column, to.kind, _id(names, to), to.column)
        row = rows.get((item.evidence, source, *ends))
        at = (item.event.us, item.event.arrival)
        if row is None:
            rows[item.evidence, source, *ends] = {"kinds": item.claim.kinds, "first": at, "last": at}
        else:
            row["first"], last = min(row["first"], at), max(row["last"], at)
            if last != row["last"]:
                row.update(last=last, kinds=item.claim.kinds)
    return rows


def _id(names: Names, end: End) -> int:
    if end.name is None:
        return 0
    return (names.jobs if end.kind == "job" else names.datasets)[end.name].id


def save_dependencies(session: Session, realm_id: int, names: Names, found: list[Depends]) -> None:
    """Write control flow between jobs."""
    rows: dict[tuple[int, int, str], dict[str, Any]] = {}
    for item in found:
        key = (names.jobs[item.from_].id, names.jobs[item.to].id, item.type)
        row = rows.setdefault(key, {"rules": item.rules, "first": item.us, "last": item.us})
        if item.us >= row["last"]:
            row.update(rules=item.rules, last=item.us)
        row["first"] = min(row["first"], item.us)
    values = [
        {
            "realm_id": realm_id,
            "from_job_id": from_,
            "to_job_id": to,
            "type": type_,
            "rules": row["rules"],
            "first_at": moment(row["first"]),
            "last_at": moment(row["last"]),
        }
        for (from_, to, type_), row in sorted(rows.items())
    ]
    connection = bound(session)
    conflict = ("realm_id", "from_job_id", "to_job_id", "type")
    insert_rows(connection, Dependency.__table__, values, conflict=conflict, update=f"{_newer('rules')}, {LATEST}")
