"""What jobs read and write now: edges of the last days, or of the newest day of a job that did not run since."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.db import utcnow
from app.lineage.marquez import queries
from app.lineage.models import Claim
from app.lineage.openlineage.parse import Name
from app.realms.settings import numbers


@dataclass(slots=True)
class Io:
    """The ids of datasets a job reads and writes."""

    inputs: set[int] = field(default_factory=set)
    outputs: set[int] = field(default_factory=set)

    @property
    def ids(self) -> set[int]:
        """Return the ids of both."""
        return self.inputs | self.outputs


def current(session: Session, realm_id: int, jobs: Collection[int]) -> dict[int, Io]:
    """Return what these jobs read and write now, by job id; three statements."""
    found: dict[int, Io] = {job_id: Io() for job_id in jobs}
    if not jobs:
        return found
    days = numbers(session, realm_id, "LINEAGE_CURRENT_DAYS")["LINEAGE_CURRENT_DAYS"]
    since = (utcnow() - timedelta(days=days)).date()
    for job_id, direction, dataset_id in session.execute(queries.current_edges(jobs, since)):
        side = found[job_id].inputs if direction == "input" else found[job_id].outputs
        side.add(dataset_id)
    for claim in _newest(session.scalars(queries.claims_of(jobs))):
        if claim.from_kind == "dataset" and claim.to_id in found:
            found[claim.to_id].inputs.add(claim.from_id)
        elif claim.to_kind == "dataset" and claim.from_id in found:
            found[claim.from_id].outputs.add(claim.to_id)
    return found


def _newest(claims: Iterable[Any]) -> list[Claim]:
    """Return the claims of the newest report of each source; those before it no longer hold."""
    by_source: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        by_source[claim.evidence, claim.source].append(claim)
    last = {key: max((one.last_at, one.last_event) for one in group) for key, group in by_source.items()}
    return [one for key, group in by_source.items() for one in group if (one.last_at, one.last_event) == last[key]]


def names(session: Session, ids: Collection[int]) -> dict[int, Name]:
    """Return names of datasets by id; one statement."""
    if not ids:
        return {}
    return {row[0]: Name(row[1], row[2]) for row in session.execute(queries.names(ids))}
