"""Take uploaded files in: one thread of this process, one file at a time, guarded by a lease in the file's row."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from sqlalchemy import CursorResult, or_, update
from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.db import db, scope, utcnow
from app.lineage.models import Import
from app.lineage.queries.imports import next_upload
from app.lineage.reading import EventFile
from app.lineage.worker import Bad, Progress, Taking, finish, take_in

log = structlog.get_logger()
LEASE = timedelta(minutes=2)
BATCH = 500
_lock = threading.Lock()
_running: dict[tuple[int, int], threading.Thread] = {}


def wake(app: Flask, realm_id: int) -> None:
    """Start the thread of a realm unless it runs; it ends by itself when nothing waits."""
    key = (id(app), realm_id)
    with _lock:
        known = _running.get(key)
        if known is not None and known.is_alive():
            return
        _running[key] = threading.Thread(target=_work, args=(app, realm_id), name="imports", daemon=True)
        _running[key].start()


def _work(app: Flask, realm_id: int) -> None:
    with app.app_context():
        session = db.session()
        scope(session, realm_id)
        while (row := _claim(session, realm_id)) is not None:
            try:
                _take(app, session, realm_id, row)
            except Exception as error:
                session.rollback()
                log.exception("an import failed", import_id=row.id)
                finish(session, realm_id, row.id, "failed", str(error)[:500])


def _claim(session: Session, realm_id: int) -> Import | None:
    now = utcnow()
    row = session.scalar(next_upload(now))
    if row is None:
        session.rollback()
        return None
    free = or_(Import.lease_until.is_(None), Import.lease_until < now)
    statement = update(Import).where(Import.realm_id == realm_id, Import.id == row.id, free)
    claimed: CursorResult[Any] = session.execute(statement.values(lease_until=now + LEASE, state="running"))  # type: ignore[assignment]
    session.commit()
    return row if claimed.rowcount else _claim(session, realm_id)


def _take(app: Flask, session: Session, realm_id: int, row: Import) -> None:
    settings = app.config["SETTINGS"]
    row_id, path = row.id, Path(row.spooled or "")
    taking = Taking(
        realm_id, Actor(row.created_by, "worker"), BATCH, settings.mask == "store", settings.ingest_max_bytes
    )

    def renew(_now: Progress, _bad: Sequence[Bad]) -> None:
        same = update(Import).where(Import.realm_id == realm_id, Import.id == row_id)
        session.execute(same.values(lease_until=utcnow() + LEASE))
        session.commit()

    try:
        take_in(session, taking, row, EventFile(path, row.name), renew)
    except (OSError, EOFError) as error:
        session.rollback()
        finish(session, realm_id, row_id, "failed", str(error))
    path.unlink(missing_ok=True)
