"""Search over everything that has a name or an id, and the way from an exact name to its thing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import SequenceMatcher
from hashlib import sha256
from typing import Any, Final

from sqlalchemy.orm import Session

from app.jobs.models import Job, Run
from app.lineage.models import Dataset
from app.lineage.openlineage.parse import name_digest
from app.lineage.queries import search as queries
from app.lineage.reads.listed import groups_of
from app.lineage.reads.names import canonical_names
from app.locations.models import Location
from app.web.tokens import tokens

PER_KIND: Final = 25
CANDIDATES: Final = 100
NEAREST: Final = 8
KINDS: Final = ("dataset", "job", "run", "location")
Thing = Dataset | Job | Run | Location


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found; ``by`` is the other name that matched, when the match was not by its own."""

    kind: str
    thing: Any
    by: str = ""
    written_at: datetime | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, by kind in the order of KINDS; ``near`` are names like it when nothing was."""

    datasets: list[Hit] = field(default_factory=list)
    jobs: list[Hit] = field(default_factory=list)
    runs: list[Hit] = field(default_factory=list)
    locations: list[Hit] = field(default_factory=list)
    near: list[Hit] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Return how many things were found."""
        return len(self.datasets) + len(self.jobs) + len(self.runs) + len(self.locations)


def search(session: Session, text: str, limit: int = PER_KIND) -> Found:
    """Return what matches: at most ``limit`` of each kind; six statements, more only when nothing is found."""
    text = text.strip()
    if not text:
        return Found()
    rows = session.execute(queries.runs(text, run_digest(text), limit)).all()
    found = Found(
        datasets=_datasets(session, [row[0] for row in session.execute(queries.datasets(text, limit))]),
        jobs=[Hit("job", row[0]) for row in session.execute(queries.jobs(text, limit))],
        runs=[Hit("run", run, job.name) for run, job in rows],
        locations=[Hit("location", one) for one in session.scalars(queries.locations(text, limit))],
    )
    if not found.total:
        found.near.extend(nearest(session, text))
    return found


def _datasets(session: Session, rows: Sequence[Dataset]) -> list[Hit]:
    names = canonical_names(session, [row.id for row in rows])
    groups = groups_of(session, sorted({home.id for home in names.values()}))
    hits: dict[int, Hit] = {}
    for row in rows:
        home = names[row.id]
        group, by = groups[home.id], row.name if row.id != home.id else ""
        hits.setdefault(home.id, Hit("dataset", home, by, group.written_at, group.read_at))
    return list(hits.values())


def nearest(session: Session, name: str, kind: str = "") -> list[Hit]:
    """Return up to 8 datasets and jobs with names like this one, the likest first."""
    found: dict[tuple[str, int], Hit] = {}
    for word in sorted(tokens(name), key=len, reverse=True)[:4]:
        for part in (word, word[:4]) if len(word) > 4 else (word,):  # noqa: PLR2004 - the beginning of a long word
            for each, select in (("dataset", queries.datasets), ("job", queries.jobs)):
                if kind in ("", each):
                    rows = session.execute(select(part, CANDIDATES))
                    found |= {(each, row[0].id): Hit(each, row[0]) for row in rows}
        if len(found) >= NEAREST:
            break
    return sorted(found.values(), key=lambda hit: -_likeness(name, hit.thing.name))[:NEAREST]


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower()[:200], other.lower()[:200], autojunk=False).ratio()


def run_digest(reported_id: str) -> bytes:
    """Return the key of a reported run id."""
    return sha256(reported_id.encode(errors="replace")).digest()[:16]


def resolve(session: Session, kind: str, namespace: str, name: str) -> Thing | None:
    """Return the dataset or job of this exact name, or the run reported under ``name``; None when there is none."""
    if kind == "run":
        run: Run | None = session.scalar(queries.run_reported(run_digest(name)))
        return run
    select = queries.dataset_named if kind == "dataset" else queries.job_named
    found: Dataset | Job | None = session.scalar(select(name_digest(namespace, name)))
    return found
