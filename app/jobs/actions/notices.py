"""Which notices of a run were given: each once per attempt."""

from collections.abc import Iterable

from sqlalchemy import Connection

from app.bulk import insert_rows, select_in
from app.jobs.models import RunTracking

NOTHING = {"sequence": 0, "fold": "{}", "points": "[]", "gaps": "[]", "log_bytes": 0}


def note(connection: Connection, realm_id: int, runs: Iterable[int], word: str) -> None:
    """Remember that a notice was given of runs that had none of this word; one statement."""
    rows = [{"run": run, "realm_id": realm_id, "told": word, **NOTHING} for run in runs]
    joined = "told = trim({table}.told || ' ' || excluded.told)"
    insert_rows(connection, RunTracking.__table__, rows, conflict=("run",), update=joined)


def stalled(connection: Connection, realm_id: int, runs: Iterable[int]) -> list[int]:
    """Return which of these runs were told to be stalled, and not yet to be alive again; one statement."""
    rows = select_in(connection, (RunTracking.run, RunTracking.told), realm_id, RunTracking.run, runs)
    told = {row.run: set(row.told.split()) for row in rows}
    return [run for run, words in told.items() if "stalled" in words and "revived" not in words]
