"""The writes behind freshness, for many datasets in few statements."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy.orm import Session

from app.lineage.queries import usage as queries
from app.lineage.reads.freshness import Expected, Freshness, Stream, freshness

AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How fresh a dataset is, and the rows of its last write that told any."""

    fresh: Freshness
    rows: int | None = None


def rhythms(
    session: Session,
    groups: dict[int, list[int]],
    now: datetime,
    dropped: frozenset[int] = frozenset(),
    expected: Mapping[int, Expected | None] | None = None,
) -> dict[int, Rhythm]:
    """Return the rhythm of each group by canonical id; one statement for each 200 names.

    ``expected`` is what people expect of the groups, by canonical id.
    """
    home = {member: canonical for canonical, members in groups.items() for member in members}
    writes: dict[int, list[Any]] = defaultdict(list)
    names = list(home)
    for start in range(0, len(names), AT_ONCE):
        part = names[start : start + AT_ONCE]
        for row in session.execute(queries.last_writes(session.info["realm_id"], part)):
            writes[home[row.dataset_id]].append(row)
    return {
        canonical: _rhythm(
            sorted(writes[canonical], key=lambda row: row.started_at, reverse=True)[: queries.REGULAR],
            now,
            dropped=canonical in dropped,
            expected=(expected or {}).get(canonical),
        )
        for canonical in groups
    }


def _rhythm(writes: Sequence[Any], now: datetime, *, dropped: bool, expected: Expected | None) -> Rhythm:
    streams = [row for row in writes if row.streaming]
    rows = next((row.num_rows for row in writes if row.num_rows is not None), None)
    stream = max((_stream(row) for row in streams), key=lambda one: one.last_at, default=None)
    times = [row.started_at for row in _one_for_each_run(writes)]
    return Rhythm(freshness(times, now, stream=stream, dropped=dropped, expected=expected), rows)


def _one_for_each_run(writes: Sequence[Any]) -> list[Any]:
    """Return the newest write of each run: what a run writes in twenty parts is one write in the rhythm."""
    seen: dict[int, Any] = {}
    for row in writes:
        seen.setdefault(row.unit, row)
    return list(seen.values())


def _stream(row: Any) -> Stream:
    last = row.last_event_at or row.ended_at or row.started_at
    reports = sum(msgspec.json.decode(row.events).values()) if row.events else 0
    if reports < 2 or row.first_event_at is None or last <= row.first_event_at:  # noqa: PLR2004 - a gap has two ends
        return Stream(last, None)
    seconds = (last - row.first_event_at).total_seconds() / (reports - 1)
    return Stream(last, timedelta(seconds=seconds))
