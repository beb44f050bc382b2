"""Search documents that are not there, as after an upgrade that made them anew: written once, after the start."""

import threading
from typing import Any, Final

import structlog
from flask import Flask
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.db import db, scope
from app.jobs.models import Job
from app.lineage.background import realm_ids, started
from app.lineage.models import Dataset, SearchEntry
from app.lineage.store.find import refresh_words

log = structlog.get_logger()
AT_ONCE: Final = 500
FIRST: Final = 1.0
MODELS: Final[dict[str, Any]] = {"dataset": Dataset, "job": Job}


def start(app: Flask) -> threading.Thread:
    """Start the thread, which ends when every dataset and job of every realm can be found."""
    return started(app, "words", _once)


def work(app: Flask) -> int:
    """Write the missing documents of every realm and return how many there were; each batch is committed."""
    with app.app_context():
        session = db.session()
        return sum(_kind(session, realm_id, kind) for realm_id in realm_ids() for kind in MODELS)


def _kind(session: Session, realm_id: int, kind: str) -> int:
    scope(session, realm_id)
    made, after = 0, 0
    while ids := list(session.scalars(_missing(kind, after))):
        made += len(refresh_words(session, realm_id, kind, ids))
        after = ids[-1]
        session.commit()
    session.rollback()
    return made


def _missing(kind: str, after: int) -> Any:
    model = MODELS[kind]
    known = exists().where(
        SearchEntry.realm_id == model.realm_id, SearchEntry.kind == kind, SearchEntry.entity_id == model.id
    )
    return select(model.id).where(model.id > after, ~known).order_by(model.id).limit(AT_ONCE)


def _once(app: Flask, stop: threading.Event) -> None:
    stop.wait(FIRST)
    try:
        made = work(app)
    except Exception:
        log.exception("search documents could not be written; a rebuild writes them too")
    else:
        if made:
            log.info("search documents written", number=made)
