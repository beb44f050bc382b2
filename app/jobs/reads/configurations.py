"""Plans as their pages show them: with their other versions, what is odd about them, and the weight of each step."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.jobs.models import JobConfiguration
from app.jobs.progress.differences import Difference, differences
from app.jobs.progress.plan import Plan, PlannedStep
from app.jobs.progress.semver import precedence
from app.jobs.queries import plans as queries
from app.jobs.reads.plans import Known, known, known_all

MOST_VERSIONS = 2_000
Versions = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Listed:
    """A configuration, its provider's login (None: the system), its plan, and all versions of the tag, newest first."""

    row: JobConfiguration
    provider: str | None
    known: Known
    versions: Versions = field(default_factory=list)

    @property
    def plan(self) -> Plan:
        """Return its plan."""
        return self.known.plan

    @property
    def is_latest(self) -> bool:
        """Return whether new runs take it."""
        return not self.versions or self.versions[0][0] == self.row.id

    @property
    def higher(self) -> str | None:
        """Return the highest version where the latest is lower than it, None for all others."""
        if not self.is_latest or not self.versions:
            return None
        highest = max((version for _, version in self.versions), key=precedence)
        return highest if precedence(highest) > precedence(self.row.version) else None

    @property
    def shares(self) -> list[tuple[PlannedStep, float | None]]:
        """Return each step with its share of the whole in percent, None for one that does not count."""
        weights = self.plan.weights
        whole = sum(weights.values())
        counted = {step.tag for step in self.plan.counted}
        return [(step, 100 * weights[step.tag] / whole if step.tag in counted else None) for step in self.plan.steps]


def prepared(session: Session, rows: Sequence[Any]) -> list[Listed]:
    """Return rows of ``queries.listed`` as lists show them: two statements, none without rows."""
    if not rows:
        return []
    plans = known_all(session, [row[0] for row in rows])
    versions: defaultdict[tuple[int | None, str], Versions] = defaultdict(list)
    tags = sorted({row[0].tag for row in rows})
    for provider, tag, id_, version in session.execute(queries.versions(tags, MOST_VERSIONS)):
        versions[provider, tag].append((id_, version))
    return [Listed(own, who, plans[own.id], versions[own.provider_id, own.tag]) for own, who in rows]


@dataclass(frozen=True, slots=True)
class Compared:
    """Another version of the same tag, and what this one changed in it."""

    other: JobConfiguration
    changes: list[Difference]


def compared(session: Session, one: Listed, other: JobConfiguration) -> Compared:
    """Return how a plan differs from another: at most one statement."""
    return Compared(other, differences(known(session, other).plan, one.plan))
