"""Search over everything that has a name or an id."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from app.lineage.models import Dataset
from app.lineage.queries import search as queries
from app.lineage.reads.asking import Asked, best_first, conditions, parse, with_columns
from app.lineage.reads.listed import groups_of
from app.lineage.reads.matched import matched
from app.lineage.reads.names import canonical_names
from app.lineage.reads.spelling import corrected
from app.lineage.store.run_state import run_digest

PER_KIND: Final = 25
COLUMNS: Final = 12
KINDS: Final = ("dataset", "job", "run", "location", "column")


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found; ``by`` is the other name that matched, ``why`` what else did as (what, text)."""

    kind: str
    thing: Any
    by: str = ""
    written_at: datetime | None = None
    read_at: datetime | None = None
    why: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, by kind in the order of KINDS; ``meant`` are texts that differ by one edit and find more."""

    hits: dict[str, list[Hit]] = field(default_factory=dict)
    meant: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Return how many things were found."""
        return sum(len(hits) for hits in self.hits.values())


def search(session: Session, text: str, *, kinds: Collection[str] = (), limit: int = PER_KIND) -> Found:
    """Return what matches, at most ``limit`` of each kind (all kinds by default); statements do not grow with rows."""
    asked = parse(text)
    if not (asked.words or asked.operators):
        return Found()
    asked = with_columns(session, asked)
    wanted = [kind for kind in KINDS if kind in (asked.of("kind") or KINDS) and kind in (kinds or KINDS)]
    ways = {"dataset": _datasets, "job": _jobs, "run": _runs, "location": _locations, "column": _columns}
    hits = {kind: found for kind in wanted if (found := ways[kind](session, asked, limit))}
    return Found(hits) if hits else Found({}, corrected(session, asked))


def _datasets(session: Session, asked: Asked, limit: int) -> list[Hit]:
    narrower = [queries.dataset_state(states)] if (states := asked.of("state")) else []
    if qualities := asked.of("quality"):
        narrower.append(Dataset.quality.in_(qualities))
    tiers = best_first(asked, conditions(asked, "dataset", session.info["realm_id"]))
    rows = [row[0] for row in session.execute(queries.datasets(tiers, asked.plain, narrower, limit))]
    why = matched(session, asked, "dataset", rows)
    return _canonical(session, rows, why)


def _canonical(session: Session, rows: Sequence[Dataset], why: dict[int, tuple[tuple[str, str], ...]]) -> list[Hit]:
    names = canonical_names(session, [row.id for row in rows])
    groups = groups_of(session, sorted({home.id for home in names.values()}))
    hits: dict[int, Hit] = {}
    for row in rows:
        home = names[row.id]
        group, by = groups[home.id], row.name if row.id != home.id else ""
        hits.setdefault(home.id, Hit("dataset", home, by, group.written_at, group.read_at, why.get(row.id, ())))
    return list(hits.values())


def _jobs(session: Session, asked: Asked, limit: int) -> list[Hit]:
    if asked.of("quality"):
        return []
    narrower = [queries.job_state(states)] if (states := asked.of("state")) else []
    tiers = best_first(asked, conditions(asked, "job", session.info["realm_id"]))
    rows = [row[0] for row in session.execute(queries.jobs(tiers, asked.plain, narrower, limit))]
    why = matched(session, asked, "job", rows)
    return [Hit("job", row, why=why.get(row.id, ())) for row in rows]


def _runs(session: Session, asked: Asked, limit: int) -> list[Hit]:
    if set(asked.operators) - {"kind", "state"} or not asked.words:
        return []
    found = session.execute(queries.runs(asked.plain, run_digest(asked.plain), limit)).all()
    states = asked.of("state")
    return [Hit("run", run, job.name) for run, job in found if not states or run.status in states]


def _locations(session: Session, asked: Asked, limit: int) -> list[Hit]:
    if set(asked.operators) - {"kind", "platform", "location"} or not asked.has_terms:
        return []
    text = " ".join([asked.plain, *(word.text for word in asked.operators.get("location", ()))])
    return [Hit("location", one) for one in session.scalars(queries.locations(text, asked.of("platform"), limit))]


def _columns(_session: Session, asked: Asked, limit: int) -> list[Hit]:
    """Return the names of columns that hold every word, shortest first; they were read already."""
    if set(asked.operators) - {"kind", "column"}:
        return []
    words = [*asked.words, *asked.operators.get("column", ())]
    names = set.intersection(*(set(word.columns) for word in words)) if words else set()
    return [Hit("column", name) for name in sorted(names, key=lambda name: (len(name), name))[: min(limit, COLUMNS)]]
