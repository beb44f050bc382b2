"""What needs a look: datasets that are late, and checks that fail."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.lineage.models import Assertion
from app.lineage.queries import datasets as queries
from app.lineage.queries import shape, usage
from app.lineage.reads.listed import Listed, groups_of, listed
from app.lineage.reads.rhythm import rhythms

LOOKED_AT: Final = 200
BACK: Final = timedelta(days=30)
SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Late:
    """Datasets whose next write is overdue, the longest overdue last; ``more`` are not shown."""

    rows: list[Listed]
    more: int


@dataclass(frozen=True, slots=True)
class Failing:
    """A dataset with the assertions whose newest result failed."""

    row: Listed
    assertions: list[Assertion]


def recent(session: Session, now: datetime, limit: int = SHOWN) -> list[Listed]:
    """Return the datasets written last; five statements."""
    return listed(session, session.execute(queries.recently_written(limit)), now)


def late(session: Session, now: datetime, limit: int = SHOWN) -> Late:
    """Return late datasets among the 200 that were written last but not within the hour; at most eight statements."""
    ids = list(dict.fromkeys(session.scalars(usage.written_since(now - BACK, now - timedelta(hours=1), LOOKED_AT))))
    about = groups_of(session, ids)
    groups = {canonical: group.ids for canonical, group in about.items()}
    expected = {canonical: group.expected for canonical, group in about.items()}
    verdicts = rhythms(session, groups, now, expected=expected)
    found = [dataset_id for dataset_id in ids if verdicts[dataset_id].fresh.is_late]
    if not found:
        return Late([], 0)
    rows = listed(session, session.execute(queries.placed_at(found[:limit])), now)
    return Late(sorted(rows, key=lambda row: found.index(row.dataset.id)), max(0, len(found) - limit))


def failing(session: Session, now: datetime, limit: int = SHOWN) -> list[Failing]:
    """Return datasets with failing checks, errors first; at most seven statements."""
    rows = listed(session, session.execute(queries.unwell(limit)), now)
    if not rows:
        return []
    groups = groups_of(session, [row.dataset.id for row in rows])
    home = {member: canonical for canonical, group in groups.items() for member in group.ids}
    assertions = list(session.scalars(shape.assertions(list(home))))
    newest: dict[int, bool] = {}
    for result in session.scalars(shape.results([one.id for one in assertions], 1)) if assertions else ():
        newest[result.assertion_id] = result.success
    failed: dict[int, list[Assertion]] = defaultdict(list)
    for assertion in assertions:
        if newest.get(assertion.id) is False:
            failed[home[assertion.dataset_id]].append(assertion)
    return [Failing(row, failed[row.dataset.id]) for row in rows]
