"""Boxes and lines: what is shown of each drawn dataset, group of datasets and job, and of an edge between two."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from app.jobs.endless import ENDLESS
from app.lineage.conditions import words
from app.lineage.graph.model import Line, Node, Token
from app.lineage.graph.walk.around import Around, Key, Tally, midnight
from app.lineage.graph.walk.deed_nodes import deed_boxes
from app.lineage.graph.walk.deeds import Deeds
from app.lineage.queries import graph_facts as queries
from app.lineage.queries.graph_sql import array

WORST: Final = ("error", "warn", "ok", "unknown")
EVERYWHERE: Final = frozenset(("default", "local", ""))
MOST_MEMBERS: Final = 2_000


class Nodes:
    """Makes boxes; ``running`` maps a job's node to the moment its running run began, ``runs`` to run numbers."""

    def __init__(self, around: Around) -> None:
        self.around = around
        self.running: dict[Key, datetime] = {}
        self.runs: dict[int, Key] = {}

    def make(self, drawn: dict[Key, int]) -> dict[Key, Node]:
        """Return a box for each drawn node; one statement for each kind of node."""
        found: dict[Key, Node] = {}
        data = [node for node in drawn if node[0] in "dg"]
        if data:
            rows = self._dataset_rows(data)
            found |= {node: self._dataset(node, rows, drawn[node]) for node in data}
        jobs = [node for node in drawn if node[0] == "j"]
        if jobs:
            facts = self._job_rows(jobs)
            found |= {node: self._job(node, facts, drawn[node]) for node in jobs}
        deeds = [node for node in drawn if node[0] in "ro"]
        if deeds and isinstance(self.around, Deeds):
            boxes, self.running = deed_boxes(self.around, deeds, drawn)
            found |= boxes
        return {node: found[node] for node in drawn}

    def _dataset_rows(self, nodes: Sequence[Key]) -> dict[int, list[Any]]:
        ids = [id_ for node in nodes for id_ in self.around.names.members(node)][:MOST_MEMBERS]
        rows: dict[int, list[Any]] = defaultdict(list)
        for row in self._execute(queries.datasets(self.around.dialect), ids):
            rows[row.home].append(row)
        for names in rows.values():
            names.sort(key=lambda row: (row.id != row.home, row.namespace, row.name))
        return rows

    def _dataset(self, node: Key, rows: dict[int, list[Any]], distance: int) -> Node:
        names = self.around.names
        members = names.members(node)
        mine = [row for id_ in members for row in rows.get(id_, ())]
        first, named = mine[0], names.named(node)
        is_group = node[0] == "g"
        moments = [at for row in mine for at in (row.last_written_at, row.last_read_at) if at is not None]
        return Node(
            names.token(node),
            "group" if is_group else "dataset",
            str(first.home),
            named.namespace,
            named.name,
            f"{_last_part(named.name)} ({len(members)} partitions)" if is_group else first.label,
            distance,
            place=first.storage if first.place in EVERYWHERE and first.storage else first.place,
            platform=first.platform,
            type=next((row.type for row in mine if row.type), None),
            last_at=max(moments, default=None),
            is_late=any(row.late_since is not None for row in mine),
            quality=min((row.quality for row in mine), key=WORST.index),
            marks=_marks(mine, is_now=self.around.asked.as_of is None),
            names=[names.datasets[id_][:2] for id_ in members] if is_group else [(r.namespace, r.name) for r in mine],
            members=list(members) if is_group else [row.id for row in mine],
        )

    def _job_rows(self, nodes: Sequence[Key]) -> dict[Key, list[Any]]:
        wanted, names = set(nodes), self.around.names
        parts = [id_ for id_ in names.jobs if names.key("j", id_) in wanted]
        params = {"as_of": self.around.period.as_of}
        rows: dict[Key, list[Any]] = defaultdict(list)
        for row in self._execute(queries.jobs(self.around.dialect), parts, params):
            node = names.key("j", row.id)
            if node is not None:
                rows[node].append(row)
        return rows

    def _job(self, node: Key, rows: dict[Key, list[Any]], distance: int) -> Node:
        mine = rows[node]
        own = next(row for row in mine if row.id == node[1])
        last = own if own.run is not None else max(mine, key=_began)
        state = self._state(last)
        for row in mine:
            if (state if row is last else self._state(row)) == "running":
                self.runs[row.run] = node
                self.running[node] = min(self.running.get(node, row.began_at), row.began_at)
        return Node(
            self.around.names.token(node),
            "job",
            str(node[1]),
            own.namespace,
            own.name,
            own.name,
            distance,
            place=own.place,
            platform=(own.integration or own.platform).lower(),
            type=own.type,
            state=state,
            last_at=last.ended_at if last.ended_at and state != "running" else last.began_at,
            marks=frozenset(
                ({"streaming"} if own.processing_type in ENDLESS else set())
                | ({own.origin} & {"referenced", "declared"})
                | ({"archived"} if own.archived and self.around.asked.as_of is None else set())
            ),
            members=sorted(row.id for row in mine),
        )

    def _state(self, row: Any) -> str | None:
        return self.around.state(row) if row.run is not None else None

    def started(self) -> Iterable[tuple[Key, int, str]]:
        """Return (job's node, dataset id, direction) of what running runs named so far; one statement, or none."""
        if not self.runs:
            return []
        rows = self._execute(queries.touched(self.around.dialect), sorted(self.runs))
        return [(self.runs[row.operation], row.dataset_id, row.direction) for row in rows]

    def _execute(self, statement: Any, ids: Iterable[int], more: dict[str, Any] | None = None) -> Any:
        params = {"realm_id": self.around.realm_id, "ids": array(ids, self.around.dialect)}
        return self.around.session.execute(statement, params | (more or {}))


def line_of(source: Token, target: Token, evidence: str, tally: Tally) -> Line:
    """Return an edge as the graph tells it."""
    return Line(
        source,
        target,
        evidence,
        sorted(tally.types),
        tally.runs,
        tally.rows,
        tally.bytes,
        tally.files,
        tally.began or midnight(tally.first),
        tally.seen or midnight(tally.last),
        condition=words(tally.condition) or None,
    )


def stub(of: Node, side: str, count: int) -> Node:
    """Return the box "120 more" beside a node."""
    token = Token("stub", f"{of.token}.{side}")
    distance = of.distance + (1 if side == "down" else -1)
    found = Node(token, "stub", of.entity_id, of.namespace, of.name, f"{count} more", distance, of=of.token)
    found.hidden_up, found.hidden_down = (count, 0) if side == "up" else (0, count)
    return found


def _began(row: Any) -> tuple[bool, float]:
    return (row.began_at is not None, row.began_at.timestamp() if row.began_at is not None else 0.0)


def _marks(rows: Sequence[Any], *, is_now: bool) -> frozenset[str]:
    found = {"referenced"} if all(row.origin == "referenced" for row in rows) else set()
    if is_now and rows[0].lifecycle == "DROP":
        found.add("dropped")
    if is_now and rows[0].archived:
        found.add("archived")
    if is_now and any(row.sourceless for row in rows):
        found.add("no_source")
    return frozenset(found)


def _last_part(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2] or name
