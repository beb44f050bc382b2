"""A second projection of the same raw events, in a throw-away SQLite file."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from app.changes.actor import SYSTEM
from app.db import Base, scope, tune_sqlite
from app.lineage.models import RawEvent
from app.lineage.openlineage.parse import Event, parse_value
from app.lineage.store.batch import Origin, project
from app.realms.models import Realm

BATCH = 500


class Scratch:
    """Folds the raw events of one realm anew, in order of arrival, and can catch up with later ones."""

    def __init__(self, session: Session, realm_id: int) -> None:
        self.session = session
        self.realm_id = realm_id
        self.newest = 0

    def follow(self, main: Session) -> int:
        """Fold the raw events of ``main`` that came since the last call; returns how many."""
        count = 0
        while rows := self._next(main):
            raw = [(_event(row), Origin(row.source, row.source_ref, row.key)) for row in rows]
            project(self.session, self.realm_id, SYSTEM, rows[-1].received_at, raw)
            self.session.commit()
            self.newest = rows[-1].id
            count += len(rows)
        return count

    def _next(self, main: Session) -> list[Any]:
        raw = RawEvent.__table__
        query = (
            select(raw).where(raw.c.realm_id == self.realm_id, raw.c.id > self.newest).order_by(raw.c.id).limit(BATCH)
        )
        return list(main.connection().execute(query))


def _event(row: Any) -> Event:
    event = parse_value(msgspec.json.decode(row.body), mask=False)
    event.arrival, event.digest, event.size, event.body = row.id, row.digest, row.size, row.body
    return event


@contextmanager
def scratch(realm_id: int, folder: Path) -> Iterator[Scratch]:
    """Open an empty projection of a realm under ``folder`` and remove it afterwards."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="rebuild-") as place:
        engine = create_engine(f"sqlite:///{Path(place) / 'scratch.db'}")
        tune_sqlite(engine, synchronous="off")
        Base.metadata.create_all(engine)
        try:
            with Session(engine) as session:
                scope(session, realm_id)
                name = f"r{realm_id}"
                session.add(Realm(id=realm_id, shortname=name, shortnamelc=name, longname=name, setby="SYSTEM"))
                session.commit()
                yield Scratch(session, realm_id)
        finally:
            engine.dispose()
