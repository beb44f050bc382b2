"""What stands at a location moves when it turns out to be another one: jobs, storages and runners."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.bulk import select_in, update_rows
from app.driver import execute
from app.jobs.models import Job, Run, Runner
from app.lineage.models import Dataset, Storage
from app.lineage.store.names import storage_digest
from app.lineage.store.who import runner_digest


def move_places(session: Session, *, realm_id: int, loser: int, winner: int) -> None:
    """Let everything at ``loser`` stand at ``winner``; a storage or runner that is there already takes over."""
    at_loser = (Job.realm_id == realm_id, Job.location_id == loser)
    execute(session.connection(), update(Job).where(*at_loser).values(location_id=winner))
    _move(session, realm_id, (loser, winner), Dataset.storage_id, lambda row: storage_digest(winner, row.name))
    _move(session, realm_id, (loser, winner), Run.runner_id, lambda row: runner_digest(winner, row.type, row.version))


def _move(
    session: Session, realm_id: int, places: tuple[int, int], pointer: Any, digest_of: Callable[[Any], bytes]
) -> None:
    loser, winner = places
    model: Any = Storage if pointer is Dataset.storage_id else Runner
    connection = session.connection()
    at_loser = (model.realm_id == realm_id, model.location_id == loser)
    rows = execute(connection, select(model.__table__).where(*at_loser).order_by(model.id)).all()
    digests = {row.id: digest_of(row) for row in rows}
    there = {
        row.digest: row.id
        for row in select_in(session, (model.id, model.digest), realm_id, model.digest, digests.values())
    }
    twins = {id_: there[digest] for id_, digest in digests.items() if digest in there}
    owner = pointer.class_
    for twin, stays in twins.items():
        theirs = (owner.realm_id == realm_id, pointer == twin)
        execute(connection, update(owner).where(*theirs).values({pointer.key: stays}))
    execute(connection, delete(model).where(model.realm_id == realm_id, model.id.in_(list(twins))))
    moved = [
        {"id": id_, "realm_id": realm_id, "location_id": winner, "digest": digest}
        for id_, digest in digests.items()
        if id_ not in twins
    ]
    update_rows(connection, model.__table__, moved, key="id")
