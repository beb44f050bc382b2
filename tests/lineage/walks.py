"""Asks questions of the graph as pages do, and tells the answer in the names that events use."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from app.db import db, scope
from app.lineage.graph.ask import question
from app.lineage.graph.model import Node, Subgraph, Token
from app.lineage.graph.subgraph import subgraph
from app.realms.models import Realm
from tests.databases import Database
from tests.lineage.intake import Store

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


class Asked:
    """An answer with nodes and lines by short names; a job and a dataset of one name do not meet in tests."""

    def __init__(self, found: Subgraph) -> None:
        self.found = found
        self.nodes = {box.name: box for box in found.nodes.values() if box.kind != "stub"}
        self.stubs = [box for box in found.nodes.values() if box.kind == "stub"]

    @property
    def names(self) -> set[str]:
        """Return the names of the boxes."""
        return set(self.nodes)

    @property
    def lines(self) -> dict[tuple[str, str], Any]:
        """Return lines by (from, to)."""
        name = {token: box.name for token, box in self.found.nodes.items()}
        lines = {(name[line.source], name[line.target]): line for line in self.found.lines}
        assert len(lines) == len(self.found.lines)
        return lines

    @property
    def evidence(self) -> dict[tuple[str, str], str]:
        """Return the evidence of lines by (from, to)."""
        return {ends: line.evidence for ends, line in self.lines.items()}

    @property
    def distances(self) -> dict[str, int]:
        """Return distances by name."""
        return {name: box.distance for name, box in self.nodes.items()}

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]


class Graphs:
    """The graph of one realm."""

    def __init__(self, database: Database, realm: Realm, store: Store) -> None:
        self.database = database
        self.realm = realm
        self.store = store

    def token(self, name: str) -> Token:
        """Return the node of a dataset or, with ``job:`` before it, of a job."""
        if name.startswith("job:"):
            return Token("job", str(self.store.jobs()[name[4:]].id))
        return Token("dataset", str(self.store.dataset(name).id))

    def ask(self, *start: str, now: datetime = NOW, **params: str | int | Iterable[str]) -> Asked:
        """Return the answer to a URL with these parameters."""
        pairs: list[tuple[str, str]] = [("start", str(self.token(name))) for name in start]
        for name, value in params.items():
            values = [str(value)] if isinstance(value, str | int) else list(value)
            pairs += [(name, one) for one in values]
        return self.raw(pairs, now)

    def raw(self, pairs: list[tuple[str, str]], now: datetime = NOW) -> Asked:
        """Return the answer to parameters as they stand in a URL."""
        with self.database.app.app_context():
            session = db.session()
            scope(session, self.realm.id)
            return Asked(subgraph(session, self.realm.id, question(MultiDict(pairs), now), now))
