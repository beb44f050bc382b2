"""The rules of noise and grouping as their page shows them: with the number of datasets each matches now."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.orm import Session

from app.lineage.graph.patterns import DEFAULTS, NO_IO, TESTS, base, matches
from app.lineage.models import GraphRule
from app.lineage.queries import rules as queries

KINDS: Final = ("group", "noise")
EXAMPLES: Final = 12
OF_JOBS: Final = frozenset((NO_IO, TESTS))


@dataclass(frozen=True, slots=True)
class Shown:
    """A rule in the list: ``id`` is None for a default nobody touched; ``datasets`` is None where it is about jobs."""

    kind: str
    pattern: str
    name: str
    enabled: bool
    id: int | None
    is_default: bool
    datasets: int | None
    is_first: bool = False
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """Names of datasets that rules are tried on; ``is_all`` is False where the realm has more."""

    rows: list[Any]
    is_all: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """What a pattern does now: how many datasets it matches; of a group the nodes they become with their parts."""

    datasets: int
    examples: list[tuple[str, str]] = field(default_factory=list)
    groups: list[tuple[str, str, int]] = field(default_factory=list)


def names(session: Session) -> Names:
    """Return the names rules are tried on, the newest 20,000; one statement."""
    rows = session.execute(queries.names()).all()
    return Names(list(rows[: queries.MOST_NAMES]), len(rows) <= queries.MOST_NAMES)


def shown(session: Session, known: Names) -> dict[str, list[Shown]]:
    """Return the rules of each kind in the order they apply, the defaults last; one statement."""
    stored = list(session.scalars(queries.rules()))
    found: dict[str, list[Shown]] = {}
    defaults = {(rule.kind, rule.pattern) for rule in DEFAULTS}
    for kind in KINDS:
        mine = [rule for rule in stored if rule.kind == kind]
        taken = {rule.pattern for rule in mine}
        found[kind] = [
            _shown(rule, known, is_default=(kind, rule.pattern) in defaults, ends=(rule is mine[0], rule is mine[-1]))
            for rule in mine
        ] + [
            Shown(kind, rule.pattern, rule.name, True, None, True, _count(kind, rule.pattern, known))
            for rule in DEFAULTS
            if rule.kind == kind and rule.pattern not in taken
        ]
    return found


def _shown(rule: GraphRule, known: Names, *, is_default: bool, ends: tuple[bool, bool]) -> Shown:
    count = _count(rule.kind, rule.pattern, known)
    return Shown(rule.kind, rule.pattern, rule.name, rule.enabled, rule.id, is_default, count, *ends)


def _count(kind: str, pattern: str, known: Names) -> int | None:
    return None if pattern in OF_JOBS else len(_matched(kind, pattern, known.rows))


def _matched(kind: str, pattern: str, rows: Sequence[Any]) -> list[Any]:
    if kind == "group":
        return [row for row in rows if base(pattern, row.name, row.namespace) is not None]
    return [row for row in rows if matches(pattern, row.namespace, row.name)]


def tried(kind: str, pattern: str, known: Names) -> Tried:
    """Return what a pattern would do."""
    found = _matched(kind, pattern, known.rows)
    if kind == "noise":
        return Tried(len(found), [(row.namespace, row.name) for row in found[:EXAMPLES]])
    counts: Counter[tuple[str, str]] = Counter()
    for row in found:
        told = base(pattern, row.name, row.namespace)
        counts[row.namespace, told[0] if told else row.name] += 1
    groups = [(namespace, name, parts) for (namespace, name), parts in counts.most_common(EXAMPLES)]
    return Tried(len(found), groups=groups)
