"""Selects on the change log; the realm comes from the session."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select

from app.changes.models import Change
from app.changes.verbs import TRANSIENT

SORTS = {"at": Change.at}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty is no filter, all hold together."""

    who: str = ""
    kind: str = ""
    entity_id: str = ""
    verb: str = ""
    request_id: str = ""
    from_: datetime | None = None
    to: datetime | None = None


def changes(wanted: Wanted) -> Select[Change]:
    """Select changes by what indexes answer; newest first is the caller's order."""
    query = select(Change).where(Change.verb != TRANSIENT)
    equal = {
        Change.who: wanted.who,
        Change.kind: wanted.kind,
        Change.entity_id: wanted.entity_id,
        Change.request_id: wanted.request_id,
    }
    for column, value in equal.items():
        if value:
            query = query.where(column == value)
    if "." in wanted.verb:
        query = query.where(Change.verb == wanted.verb)
    if wanted.from_:
        query = query.where(Change.at >= wanted.from_)
    if wanted.to:
        query = query.where(Change.at < wanted.to)
    return query


def narrower(*, text: str = "", verb: str = "", via: str = "", address: str = "") -> list[ColumnElement[bool]]:
    """Return the filters no index answers: words in the label, a verb's beginning, the way in, the address."""
    found: list[ColumnElement[bool]] = [Change.label.icontains(word, autoescape=True) for word in text.split()]
    if verb and "." not in verb:
        found.append(Change.verb.startswith(verb, autoescape=True))
    if via:
        found.append(Change.via == via)
    if address:
        found.append(Change.remote_addr == address)
    return found


def change(change_id: int) -> Select[Change]:
    """Select one row of the log."""
    return select(Change).where(Change.id == change_id)


def of_request(request_id: str) -> Select[Change]:
    """Select the first 100 rows one request wrote, in order."""
    return select(Change).where(Change.request_id == request_id).order_by(Change.at, Change.id).limit(100)
