"""The steps of reach and route: from nodes to their neighbours in one direction, as the graph draws them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy.orm import Session

from app.driver import read
from app.lineage.graph.model import Question, Token
from app.lineage.graph.walk.around import Around, Key, Tally
from app.lineage.graph.walk.settings import settings_of
from app.lineage.graph.walk.start import starts
from app.lineage.queries import column_steps as column_queries
from app.lineage.queries import graph as graph_queries
from app.lineage.queries import impact as queries
from app.lineage.queries.graph_sql import array

KINDS: Final = {"d": "dataset", "j": "job"}
NARROW: Final = 100
NOTHING: Final = Tally()
LETTERS: Final = {"dataset": "d", "job": "j"}


class Spot(NamedTuple):
    """A node as reach knows it: kind and id, and for a column of a dataset its name ("" is all of the dataset)."""

    kind: str
    id: int
    column: str | None = None

    @property
    def token(self) -> Token:
        """Return the node as URLs name it."""
        return Token(self.kind, str(self.id))


def key_of(spot: Spot) -> Key:
    """Return a place as the walks of the graph know it."""
    return (LETTERS[spot.kind], spot.id)


class Lean(Around):
    """Neighbours without what is known of the edges to them: reach only asks what is there."""

    def _fetch(self, asked: dict[tuple[str, str], list[int]]) -> list[Any]:
        return read(self.session, graph_queries.neighbours(self.shape(asked)).text, self.params(asked))

    def _add(self, row: Any) -> None:
        node, other = self.names.key(row[0], row[1]), self.names.key(row[3], row[4])
        if node != other and node is not None and other is not None:
            self._known.setdefault((node, row[2]), {})[other] = NOTHING


def surroundings(session: Session, realm_id: int, asked: Question, now: datetime) -> Around:
    """Return what loads neighbours for a question, each dataset by itself, groups apart."""
    return _around(Around, session, realm_id, asked, now)


def lean(session: Session, realm_id: int, asked: Question, now: datetime) -> Around:
    """Return the same without what is known of edges: ``beside`` gives the neighbours with empty tallies."""
    return _around(Lean, session, realm_id, asked, now)


def _around(kind: type[Around], session: Session, realm_id: int, asked: Question, now: datetime) -> Around:
    plain = replace(asked, group=False, jobs="job", data="dataset")
    return kind(session, realm_id, plain, now, settings_of(session, realm_id))


def spots(around: Around) -> list[Spot]:
    """Return the starts of a question: canonical datasets, jobs after folding. NotFound as ``starts``."""
    return [Spot(KINDS[kind], id_, around.asked.column) for kind, id_ in starts(around)]


class Onward:
    """The step between datasets and jobs in one direction; a few statements for each level.

    Where a level is narrow what follows is loaded with it, so that a chain does not cost a question for each link.
    """

    def __init__(self, around: Around, direction: str) -> None:
        self.around = around
        self.direction = direction
        self._loaded: set[Key] = set()

    def __call__(self, level: Sequence[Spot]) -> Iterable[tuple[Spot, Spot]]:
        """Return pairs of a node of the level and a neighbour, neighbours in the order of their ids."""
        keys = [key_of(spot) for spot in level]
        if len(keys) <= NARROW:
            self._load_ahead([key[1] for key in keys if key[0] == "d" and key not in self._loaded])
        self._load(keys)
        return [
            (spot, Spot(KINDS[kind], id_))
            for spot, key in zip(level, keys, strict=True)
            for kind, id_ in sorted(self.around.beside(key, self.direction))
        ]

    def _load(self, keys: Iterable[Key]) -> list[Key]:
        fresh = [key for key in keys if key not in self._loaded]
        self.around.load((key, self.direction) for key in fresh)
        self._loaded.update(fresh)
        return fresh

    def _load_ahead(self, ids: Sequence[int]) -> None:
        found = ahead(self.around, self.direction, ids) if ids else []
        datasets = self._load(("d", id_) for id_ in found)
        beside = (other for key in datasets for other in self.around.beside(key, self.direction))
        self._load(dict.fromkeys(other for other in beside if other[0] == "j"))


def ahead(around: Around, direction: str, ids: Sequence[int]) -> list[int]:
    """Return datasets likely to follow these, as canonical ids, these included; two statements."""
    params = {"realm_id": around.realm_id, "ids": array(ids, around.dialect)}
    found = list(around.session.scalars(queries.ahead(around.dialect, direction), params))
    around.names.learn(found, ())
    keys = (around.names.key("d", id_) for id_ in found)
    return list(dict.fromkeys(key[1] for key in keys if key is not None))


class Columns:
    """The step between columns of datasets; ``how`` is direct, indirect or both. A few statements for each level."""

    def __init__(self, around: Around, direction: str, how: str) -> None:
        self.around = around
        self.direction = direction
        self.how = how
        self._edges: dict[int, dict[str, list[Spot]]] = {}

    def __call__(self, level: Sequence[Spot]) -> Iterable[tuple[Spot, Spot]]:
        """Return pairs of a column of the level and one beside it; all of a dataset goes on by each of its columns."""
        fresh = [id_ for id_ in dict.fromkeys(spot.id for spot in level) if id_ not in self._edges]
        if fresh and len(fresh) <= NARROW:
            fresh = [id_ for id_ in ahead(self.around, self.direction, fresh) if id_ not in self._edges]
        self._load(fresh)
        return [(spot, other) for spot in level for other in self._beside(spot)]

    def _beside(self, spot: Spot) -> list[Spot]:
        edges = self._edges[spot.id]
        names = [spot.column, ""] if spot.column else list(edges)
        found = {other for name in names for other in edges.get(name or "", ())}
        return sorted(found - {spot})

    def _load(self, ids: Sequence[int]) -> None:
        if not ids:
            return
        around = self.around
        self._edges |= {id_: {} for id_ in ids}
        statement = column_queries.beside(
            around.dialect, around.asked.view, self.direction, claims="claims" in around.settings.has
        )
        rows = list(around.session.execute(statement, self._params(ids)))
        around.names.learn({row[3] for row in rows}, ())
        for row in rows:
            home = around.names.key("d", row[3])
            if home is not None and self._is_wanted(row[2]):
                edges = self._edges[row[0]].setdefault(row[1] or "", [])
                edges.append(Spot("dataset", home[1], row[4] or ""))

    def _params(self, ids: Sequence[int]) -> dict[str, Any]:
        around, period = self.around, self.around.period
        told = {f"{side}_d": array(ids if side == self.direction else (), around.dialect) for side in ("up", "down")}
        days = {"first": period.first, "last": period.last, "as_of": period.as_of, "since": period.since}
        return {"realm_id": around.realm_id, **days, **told}

    def _is_wanted(self, kinds: str) -> bool:
        if self.how == "both":
            return True
        words = [item.partition(":")[0] == "INDIRECT" for item in kinds.split(",")]
        return any(words) if self.how == "indirect" else not all(words)
