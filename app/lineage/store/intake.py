"""How much comes in: counted by hour, source, key and producer, in the transaction of the events themselves."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.bulk import insert_rows
from app.db import utcnow
from app.driver import bound
from app.lineage.models import Intake
from app.lineage.openlineage.parse import Event
from app.lineage.openlineage.problem import BadEvent
from app.lineage.store.batch import Origin, Stored

COUNTED = ("accepted", "duplicates", "rejected", "lag", "bytes")
ADD = ", ".join(f'"{name}" = {{table}}."{name}" + excluded."{name}"' for name in COUNTED)
LONGEST_PRODUCER = 200


def count_intake(
    session: Session,
    realm_id: int,
    results: Sequence[Event | BadEvent],
    origins: Sequence[Origin],
    stored: Sequence[Stored | None],
) -> None:
    """Add what came of a batch to its hour: one statement. ``stored`` is None where an event was refused."""
    now = utcnow()
    hour = now.replace(minute=0, second=0, microsecond=0)
    counts: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for event, origin, outcome in zip(results, origins, stored, strict=True):
        producer = (event.producer or "")[:LONGEST_PRODUCER] if isinstance(event, Event) else ""
        count = counts[origin.source, origin.key or "", producer]
        if not isinstance(event, Event) or outcome is None:
            count["rejected"] += 1
        elif outcome.duplicate:
            count["duplicates"] += 1
        else:
            count["accepted"] += 1
            count["bytes"] += event.size
            count["lag"] += max(int((now - event.time).total_seconds()), 0)
    rows: list[dict[str, Any]] = [
        {"realm_id": realm_id, "hour": hour, "source": source, "key": key, "producer": producer}
        | {name: count[name] for name in COUNTED}
        for (source, key, producer), count in sorted(counts.items())
    ]
    conflict = ("realm_id", "hour", "source", "key", "producer")
    insert_rows(bound(session), Intake.__table__, rows, conflict=conflict, update=ADD)
