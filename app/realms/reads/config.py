"""What a setting was, change by change."""

from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.config import Settings
from app.realms.known import KnownKey
from app.realms.models import Config
from app.realms.queries import config as queries

NEWEST = 50
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class Was:
    """One change of a setting: both values, and for texts of several lines what differs, as (sign, text)."""

    change: Change
    old: Any
    new: Any
    lines: list[tuple[str, str]]


def history_of(session: Session, row: Config) -> list[Was]:
    """Return the newest 50 changes of a setting's value: one statement."""
    found = session.scalars(queries.history(row.id, NEWEST)).all()
    return [
        Was(change, field["old"], field["new"], _differences(field["old"], field["new"]))
        for change in found
        for field in change.fields
        if field["field"] == "val"
    ]


def default_of(key: KnownKey) -> str:
    """Return what holds while a setting has no value: its own default, else that of the installation."""
    settings: Settings = current_app.config["SETTINGS"]
    return key.default if key.default is not None else str(getattr(settings, key.name.lower(), ""))


def _differences(old: str | None, new: str | None) -> list[tuple[str, str]]:
    before, after = (old or "").splitlines(), (new or "").splitlines()
    if max(len(before), len(after)) < 2:  # noqa: PLR2004 - a single line is shown as it is
        return []
    lines = list(unified_diff(before, after, lineterm="", n=1))[2 : MOST_LINES + 2]
    return [(line[0] if line[0] in "+-@" else "", line[1:] if line[0] != "@" else "…") for line in lines]
