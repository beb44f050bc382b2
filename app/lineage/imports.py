"""Uploads: a file is spooled to the data directory and noted, for the import thread to take in."""

from pathlib import Path
from typing import Protocol
from uuid import uuid4

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import record
from app.lineage.models import Import
from app.lineage.reading import EventFile
from app.lineage.worker import new_import
from app.refusal import Problem, Refused

MOST_BYTES = 64 * 2**20
LONGEST_NAME = 200


class Saved(Protocol):
    """A file of a form."""

    filename: str | None

    def save(self, dst: Path) -> None:
        """Write it to a path."""


def upload(session: Session, realm_id: int, file: Saved | None, folder: Path, actor: Actor) -> Import:
    """Spool a file and add its row; flushes, does not commit. Raises Refused when it is missing, empty or too large."""
    name = (file.filename or "" if file else "").replace("\\", "/").rpartition("/")[2][:LONGEST_NAME]
    if file is None or not name:
        raise Refused(Problem("required", "Choose a file.", "file"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / uuid4().hex
    file.save(path)
    spooled = EventFile(path, name)
    if not 0 < spooled.size <= MOST_BYTES:
        path.unlink()
        words = "The file is empty." if not spooled.size else "The file has more than 64 MiB; use headwater ingest."
        raise Refused(Problem("bad_size", words, "file", spooled.size))
    row = new_import(session, realm_id, spooled, actor)
    row.spooled = str(path)
    record(session, "import.uploaded", "import", row.id, name, actor)
    session.flush()
    return row
