"""The nodes a walk starts from: what the tokens of its URL stand for."""

from typing import Any, Final
from uuid import UUID

from werkzeug.exceptions import NotFound

from app.lineage.graph.model import Token
from app.lineage.graph.walk.around import SIDES, Around, Key
from app.lineage.graph.walk.deeds import Deeds
from app.lineage.graph.walk.hidden import DataOnly
from app.lineage.queries import graph_start as queries

PLACES: Final = ("location", "storage")
NEWEST: Final = 10


def starts(around: Around) -> list[Key]:
    """Return the nodes to start from, each once; a storage or location stands for its datasets.

    At job level a run or operation stands for its job; at run and operation level a job stands for its newest runs.
    Raises NotFound where the realm has no such thing.
    """
    tokens = around.asked.start
    datasets = [int(token.id) for token in tokens if token.kind == "dataset"] + _placed(around)
    around.names.learn(datasets, ())
    keys = [around.names.key("d", id_) for id_ in datasets]
    work = [token for token in tokens if token.kind in {"job", "run", "operation"}]
    if isinstance(around, Deeds):
        keys += _deeds(around, work)
    elif isinstance(around, DataOnly):
        keys += _written(around, work)
    else:
        keys += _jobs(around, work)
    if None in keys:
        raise NotFound
    return list(dict.fromkeys(key for key in keys if key is not None))


def _placed(around: Around) -> list[int]:
    found: list[int] = []
    for token in around.asked.start:
        if token.kind in PLACES:
            statement = queries.location if token.kind == "location" else queries.storage
            rows = around.session.execute(statement(int(token.id))).all()
            if not rows:
                raise NotFound
            found += [row[1] for row in rows if row[1] is not None]
    return found


def _jobs(around: Around, tokens: list[Token]) -> list[Key | None]:
    ids = [int(token.id) if token.kind == "job" else _run(around, token).job_id for token in tokens]
    around.names.learn((), ids)
    return [around.names.key("j", id_) for id_ in ids]


def _deeds(around: Deeds, tokens: list[Token]) -> list[Key | None]:
    numbers: list[int] = []
    for token in tokens:
        if token.kind == "job":
            around.names.learn((), [int(token.id)])
            if around.names.key("j", int(token.id)) is None:
                raise NotFound
            runs = list(around.session.scalars(queries.newest_runs(int(token.id), around.period.as_of, NEWEST)))
        else:
            runs = [_run(around, token).number]
        numbers += around.session.scalars(
            queries.deeds(runs, owners=around.kind == "r", most=around.asked.max)
        ).all() or (runs if around.kind == "r" else [])
    around.learn(numbers)
    return [around.names.key(around.kind, number) for number in numbers]


def _written(around: Around, tokens: list[Token]) -> list[Key | None]:
    """Return what jobs wrote, else what they read: where jobs are not drawn they stand for that."""
    jobs = _jobs(around, tokens)
    if not jobs or None in jobs:
        return jobs
    beside = Around(around.session, around.realm_id, around.asked, around.period.as_of, around.settings)
    beside.names = around.names
    nodes = [job for job in jobs if job is not None]
    beside.load((job, side) for job in nodes for side in SIDES)
    found = [
        data for job in nodes for data in beside.beside(job, "down") or beside.beside(job, "up") if data[0] in "dg"
    ]
    return list(found)


def _run(around: Around, token: Token) -> Any:
    found = around.session.execute(queries.run(UUID(token.id))).first()
    if found is None:
        raise NotFound
    return found
