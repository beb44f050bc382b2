"""Write the change log, in the transaction of the change itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

from app.bulk import insert_rows
from app.changes.actor import Actor
from app.changes.models import Change
from app.changes.values import FieldChange, changed, listed, plain
from app.changes.verbs import checked
from app.db import utcnow
from app.driver import bound

LONGEST_LABEL = 300
_TABLE: Table = Change.__table__


@dataclass(frozen=True, slots=True)
class Entry:
    """One change to be logged; ``fields`` are (field, old, new), ``row`` a whole row that is gone."""

    verb: str
    kind: str
    entity_id: object
    label: str
    fields: Sequence[FieldChange] = ()
    row: Mapping[str, object] | None = None


def record(
    session: Session,
    verb: str,
    kind: str,
    entity_id: object,
    label: str,
    actor: Actor,
    *,
    fields: Iterable[FieldChange] = (),
    row: Mapping[str, object] | None = None,
    realm_id: int | None = None,
) -> None:
    """Log one change in the session's transaction and realm (or the given one): one statement.

    Raises ValueError on an unknown verb.
    """
    entry = Entry(verb, kind, entity_id, label, tuple(fields), row)
    record_many(session, [entry], actor, realm_id=realm_id)


def record_many(session: Session, entries: Sequence[Entry], actor: Actor, *, realm_id: int | None = None) -> None:
    """Log many changes with one bulk statement."""
    record_each(session, [(entry, actor) for entry in entries], realm_id=realm_id)


def record_each(session: Session, entries: Sequence[tuple[Entry, Actor]], *, realm_id: int | None = None) -> None:
    """Log many changes by several actors with one bulk statement."""
    if not entries:
        return
    session.flush()
    at, realm = utcnow(), realm_id if realm_id is not None else session.info.get("realm_id")
    common: dict[str, Any] = {"realm_id": realm, "at": at, "cause": None, "depth": 0}
    rows = [{**common, **_by(actor), **_own(entry)} for entry, actor in entries]
    insert_rows(bound(session), _TABLE, rows)
    session.info["logged"] = True


def record_update(
    session: Session,
    verb: str,
    kind: str,
    entity_id: object,
    label: str,
    actor: Actor,
    *,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> bool:
    """Log what differs between two states and return True; when nothing does, write nothing."""
    fields = changed(before, after)
    if fields:
        record(session, verb, kind, entity_id, label, actor, fields=fields)
    return bool(fields)


def _by(actor: Actor) -> dict[str, Any]:
    return {
        "who": actor.name,
        "via": actor.via,
        "request_id": actor.request_id,
        "remote_addr": actor.remote_addr,
    }


def _own(entry: Entry) -> dict[str, Any]:
    return {
        "verb": checked(entry.verb),
        "kind": entry.kind,
        "entity_id": str(entry.entity_id),
        "label": str(plain(entry.label))[:LONGEST_LABEL],
        "fields": listed(entry.fields) if entry.fields else [],
        "row": plain(entry.row),
    }
