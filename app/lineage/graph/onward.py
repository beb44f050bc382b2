"""The steps of reach and route: from nodes to their neighbours in one direction, as the graph draws them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from app.lineage.graph.around import Around, Key
from app.lineage.graph.model import Question, Token
from app.lineage.graph.reach import Step
from app.lineage.graph.settings import settings_of
from app.lineage.queries import impact as queries

KINDS: Final = {"d": "dataset", "j": "job"}
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


def spots(session: Session, around: Around, asked: Question) -> list[Spot]:
    """Return the starts of a question: canonical datasets, jobs after folding; a run stands for its job.

    Empty where one of the starts is not there.
    """
    found: list[Spot] = []
    for token in asked.start:
        ids = _ids(session, token)
        kind = "d" if token.kind in {"dataset", "location", "storage"} else "j"
        around.names.learn(ids if kind == "d" else (), ids if kind == "j" else ())
        keys = [around.names.key(kind, id_) for id_ in ids]
        if not ids or None in keys:
            return []
        found += [Spot(KINDS[key[0]], key[1], asked.column) for key in keys if key is not None]
    return list(dict.fromkeys(found))


def _ids(session: Session, token: Token) -> list[int]:
    if token.kind in LETTERS:
        return [int(token.id)]
    return list(session.scalars(queries.behind(token.kind, token.id)))


def beside(around: Around, direction: str) -> Step[Spot]:
    """Return the step between datasets and jobs in one direction; a few statements for each level."""

    def step(level: Sequence[Spot]) -> Iterable[tuple[Spot, Spot]]:
        keys: list[Key] = [(LETTERS[spot.kind], spot.id) for spot in level]
        around.load((key, direction) for key in keys)
        for spot, key in zip(level, keys, strict=True):
            for kind, id_ in sorted(around.beside(key, direction)):
                yield spot, Spot(KINDS[kind], id_)

    return step
