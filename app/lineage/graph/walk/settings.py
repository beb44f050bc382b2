"""What a walk must know of the realm before it begins, read in one statement."""

from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy.orm import Session

from app.config import Settings
from app.driver import read
from app.lineage.graph.patterns import Rule, effective
from app.lineage.queries import graph as queries


@dataclass(slots=True)
class Stored:
    """A rule as its row says it."""

    kind: str
    pattern: str
    name: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class GraphSettings:
    """Rules in force, days of the current view, the kinds of evidence there are, first days kept by what is kept."""

    groups: tuple[Rule, ...]
    noise: tuple[Rule, ...]
    current_days: int
    has: frozenset[str]
    kept_from: dict[str, date]


def settings_of(session: Session, realm_id: int) -> GraphSettings:
    """Return the settings of a realm's graph; one statement."""
    rows = read(session, queries.settings().text, {"realm_id": realm_id})
    rules = [Stored(row[1], row[2], row[3], enabled=bool(row[6])) for row in rows if row[0] == "rule"]
    installed: Settings = current_app.config["SETTINGS"]
    days = next((int(row[2]) for row in rows if row[0] == "days" and row[2].isdecimal() and int(row[2])), 0)
    return GraphSettings(
        tuple(effective(rules, "group")),
        tuple(effective(rules, "noise")),
        min(days or installed.lineage_current_days, 36_500),
        frozenset(row[1] for row in rows if row[0] == "has"),
        {row[1]: date.fromisoformat(row[2]) for row in rows if row[0] == "kept"},
    )
