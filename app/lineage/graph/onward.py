"""The steps of reach and route: from nodes to their neighbours in one direction, as the graph draws them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from app.lineage.graph.around import Around, Key
from app.lineage.graph.model import Question, Token
from app.lineage.graph.settings import settings_of
from app.lineage.graph.start import starts
from app.lineage.queries import impact as queries
from app.lineage.queries.graph_sql import array

KINDS: Final = {"d": "dataset", "j": "job"}
NARROW: Final = 100
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


def surroundings(session: Session, realm_id: int, asked: Question, now: datetime) -> Around:
    """Return what loads neighbours for a question, each dataset by itself, groups apart."""
    plain = replace(asked, group=False, jobs="job", data="dataset")
    return Around(session, realm_id, plain, now, settings_of(session, realm_id))


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
        keys: list[Key] = [(LETTERS[spot.kind], spot.id) for spot in level]
        if len(keys) <= NARROW:
            self._load_ahead([id_ for kind, id_ in keys if kind == "d" and (kind, id_) not in self._loaded])
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
        if not ids:
            return
        statement = queries.ahead(self.around.dialect, self.direction)
        params = {"realm_id": self.around.realm_id, "ids": array(ids, self.around.dialect)}
        found = list(self.around.session.scalars(statement, params))
        self.around.names.learn(found, ())
        homes = (self.around.names.key("d", id_) for id_ in found)
        datasets = self._load(dict.fromkeys(home for home in homes if home is not None))
        beside = (other for key in datasets for other in self.around.beside(key, self.direction))
        self._load(dict.fromkeys(other for other in beside if other[0] == "j"))
