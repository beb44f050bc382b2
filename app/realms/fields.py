"""What a grant is in lists, files and answers, and in words."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from app.db import utcnow
from app.realms.models import CapGrant
from app.web.filters import distance

STATES: Final = (
    ("running", "Running"),
    ("expiring", "Expiring in 7 days"),
    ("coming", "To come"),
    ("expired", "Expired"),
)
ROW: Final[dict[str, Callable[[Any], object]]] = {
    "id": lambda row: row[0].id,
    "user": lambda row: row[1],
    "cap": lambda row: row[0].cap,
    "app": lambda row: row[2],
    "from": lambda row: row[0].from_,
    "to": lambda row: row[0].to,
    "state": lambda row: state_of(row[0]),
    "setat": lambda row: row[0].setat,
    "setby": lambda row: row[0].setby,
}
"""Fields of (CapGrant, name of the account, name of the app or None)."""

BLOCKED: Final[dict[str, Callable[[Any], object]]] = {
    "user": lambda row: row.user,
    "deactby": lambda row: row.deactby,
    "deactat": lambda row: row.deactat,
    "holds": lambda row: row.holds,
}
"""Fields of a blocked account."""


def state_of(row: CapGrant) -> str:
    """Return running, coming or expired."""
    now = utcnow()
    if row.to is not None and row.to <= now:
        return "expired"
    return "coming" if row.from_ is not None and row.from_ > now else "running"


def window(from_: datetime | None, to: datetime | None, now: datetime | None = None) -> str:
    """Return a window in words: ``from tomorrow, for 10 d``, ``for 3 d more``, ``until revoked``, ``ended 2 d ago``."""
    now = now or utcnow()
    if to is not None and to <= now:
        return f"ended {distance((now - to).total_seconds())} ago"
    coming = from_ is not None and from_ > now
    begins = _beginning(from_, now) if from_ is not None and coming else ""
    if to is None:
        return f"{begins}, until revoked" if begins else "until revoked"
    left = distance((to - (from_ if from_ is not None and coming else now)).total_seconds())
    return f"{begins}, for {left}" if begins else f"for {left} more"


def _beginning(moment: datetime, now: datetime) -> str:
    days = (moment.date() - now.date()) // timedelta(days=1)
    if days == 0:
        return f"from {moment:%H:%M} UTC"
    return "from tomorrow" if days == 1 else f"from {moment:%Y-%m-%d}"
