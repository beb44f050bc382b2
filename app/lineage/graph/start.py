"""The nodes a walk starts from: what the tokens of its URL stand for."""

from uuid import UUID

from werkzeug.exceptions import NotFound

from app.lineage.graph.around import Around, Key
from app.lineage.graph.model import Token
from app.lineage.queries import graph_start as queries

PLACES = ("location", "storage")


def starts(around: Around) -> list[Key]:
    """Return the nodes to start from, each once; a storage or location stands for its datasets.

    A run or operation stands for its job. Raises NotFound where the realm has no such thing.
    """
    datasets: list[int] = []
    jobs: list[int] = []
    for token in around.asked.start:
        if token.kind == "dataset":
            datasets.append(int(token.id))
        elif token.kind == "job":
            jobs.append(int(token.id))
    datasets += _placed(around)
    jobs += _ran(around)
    around.names.learn(datasets, jobs)
    keys = [around.names.key("d", id_) for id_ in datasets] + [around.names.key("j", id_) for id_ in jobs]
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


def _ran(around: Around) -> list[int]:
    wanted = [token for token in around.asked.start if token.kind in {"run", "operation"}]
    return [_job(around, token) for token in wanted]


def _job(around: Around, token: Token) -> int:
    found = around.session.execute(queries.run(UUID(token.id))).first()
    if found is None:
        raise NotFound
    return int(found[1])
