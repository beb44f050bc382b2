"""Tags and owners as such, with how much carries each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from app.lineage.queries import labels as queries

AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Label:
    """A tag or an owner: how many datasets, columns and jobs carry it (up to 1,000), and how often people added it."""

    value: str
    datasets: int = 0
    columns: int = 0
    jobs: int = 0
    added: int = 0


def labels(session: Session, what: str, values: Sequence[str]) -> list[Label]:
    """Return these tags or owners with their counts, in their order; one statement for each hundred."""
    found: dict[str, Label] = {}
    for start in range(0, len(values), AT_ONCE):
        rows: list[Any] = list(session.execute(queries.counts(what, values[start : start + AT_ONCE])))
        found |= {row[0]: Label(*row) for row in rows}
    return [found.get(value, Label(value)) for value in values]
