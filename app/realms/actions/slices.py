"""Switch slices on and off, now or at a time, and say which one programs use that name none."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import Entry, record, record_many
from app.db import utcnow
from app.realms.actions.turns import take_turn
from app.realms.models import Realm, RealmSlice
from app.realms.queries import slices as queries
from app.refusal import Problem, Refused

FIELDS = ("active", "activateat", "deactivateat")


def activate(session: Session, slice_id: int, at: datetime | None = None, *, actor: Actor) -> RealmSlice:
    """Switch a slice on, or with a time off until then. Flushes.

    Raises Refused 404 for an unknown one, 422 ``too_early`` for a time that is not to come.
    """
    return _switch(session, slice_id, at, actor, on=True)


def deactivate(session: Session, slice_id: int, at: datetime | None = None, *, actor: Actor) -> RealmSlice:
    """Switch a slice off, or with a time leave it as it is until then; refuses as `activate` does. Flushes."""
    return _switch(session, slice_id, at, actor, on=False)


def make_default(session: Session, slice_id: int, *, actor: Actor) -> RealmSlice:
    """Let programs that name no slice use this one from the next request on. Flushes.

    Raises Refused 404 for an unknown one, 409 ``slice_inactive`` for one that is off now.
    """
    realm, row = found_for_change(session, slice_id, actor)
    if not row.is_on(utcnow()):
        raise Refused(Problem("slice_inactive", f"Slice {row.id} is off; activate it first."), status=409)
    if realm.default_slice_id != row.id:
        fields = [("default_slice", realm.default_slice_id, row.id)]
        record(session, "realm.updated", "realm", realm.id, realm.shortname, actor, fields=fields)
        realm.default_slice_id = row.id
        session.flush()
    return row


def settle(session: Session, *, actor: Actor) -> int:
    """Bring the columns of slices up to date whose time has come, logged as done by SYSTEM; returns how many.

    Nothing waits for it: what a slice is at a moment is told by `RealmSlice.is_on`.
    """
    rows = session.scalars(queries.due(utcnow()).with_for_update()).all()
    entries = []
    for row in rows:
        entries.append(
            _entry(row, "deactivated" if row.active else "activated", [("active", row.active, not row.active)])
        )
        row.active = not row.active
    session.flush()
    record_many(session, entries, Actor("SYSTEM", actor.via, actor.request_id, actor.remote_addr))
    return len(rows)


def found_for_change(session: Session, slice_id: int, actor: Actor) -> tuple[Realm, RealmSlice]:
    """Return the realm and a slice of it, locked and up to date; raises Refused 404 for an unknown slice."""
    realm = take_turn(session)
    settle(session, actor=actor)
    row = session.scalar(queries.one(slice_id))
    if row is None:
        raise Refused(Problem("not_found", "There is no such slice."), status=404)
    return realm, row


def label_of(row: RealmSlice) -> str:
    """Return the words by which the log calls a slice."""
    return f"Slice {row.id}" + (f": {row.descr}" if row.descr else "")


def _switch(session: Session, slice_id: int, at: datetime | None, actor: Actor, *, on: bool) -> RealmSlice:
    _realm, row = found_for_change(session, slice_id, actor)
    now = utcnow()
    moment = now if at is None else _to_come(at, now)
    before = {name: getattr(row, name) for name in FIELDS}
    # Until it is switched on, a slice with such a schedule is off; one that is to be switched off stays as it is.
    row.active = on if at is None else (False if on else row.active)
    row.activateat, row.deactivateat = (moment, None) if on else (None, moment)
    row.editedat, row.editedby = now, actor.name
    session.flush()
    fields = [(name, before[name], getattr(row, name)) for name in FIELDS if before[name] != getattr(row, name)]
    past = "scheduled" if at is not None else "activated" if on else "deactivated"
    record_many(session, [_entry(row, past, fields)], actor)
    return row


def _to_come(at: datetime, now: datetime) -> datetime:
    if at.tzinfo is None:
        raise Refused(Problem("no_zone", "Give the time with its zone.", "at", at.isoformat()))
    try:
        moment = at.astimezone(UTC)
    except OverflowError:
        raise Refused(Problem("bad_time", "There is no such time.", "at", at.isoformat())) from None
    if moment <= now:
        raise Refused(Problem("too_early", "Choose a time in the future.", "at", at.isoformat()))
    return moment


def _entry(row: RealmSlice, past: str, fields: list[tuple[str, Any, Any]]) -> Entry:
    return Entry(f"realmslice.{past}", "realmslice", row.id, label_of(row), fields)
