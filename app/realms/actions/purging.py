"""Take a slice away for good, with all that is in it."""

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import record
from app.changes.values import whole
from app.db import utcnow
from app.realms.actions.rows import remove_rows
from app.realms.actions.slices import found_for_change, label_of
from app.realms.models import Realm, RealmSlice
from app.realms.signals import slice_purging
from app.realms.sliced import slice_tables
from app.refusal import Problem, Refused


def purge(session: Session, slice_id: int, confirm: str, *, actor: Actor) -> dict[str, int]:
    """Delete every row of a slice, then the slice, each logged whole; returns how many rows of each table. Flushes.

    Raises Refused 404 for an unknown one, 409 for the default slice and one that is on (or that a package says is in
    use), 422 ``wrong_confirmation`` unless ``confirm`` is ``<realm>/<slice id>``.
    """
    realm, row = found_for_change(session, slice_id, actor)
    _check_unused(realm, row)
    slice_purging.send(row, session=session)
    if confirm.strip() != name_of(realm, row):
        words = f"Type {name_of(realm, row)} to say that you mean this slice."
        raise Refused(Problem("wrong_confirmation", words, "confirm", confirm[:100]))
    counts = {
        table.name: remove_rows(session, table, table.of_slice(realm.id, row.id), actor=actor)
        for table in reversed(slice_tables())
    }
    record(session, "realmslice.purged", "realmslice", row.id, label_of(row), actor, row=whole(row))
    session.delete(row)
    session.flush()
    return {table.name: counts[table.name] for table in slice_tables()}


def name_of(realm: Realm, row: RealmSlice) -> str:
    """Return what is typed to say that one means a slice."""
    return f"{realm.shortname}/{row.id}"


def _check_unused(realm: Realm, row: RealmSlice) -> None:
    if realm.default_slice_id == row.id:
        raise Refused(Problem("default_slice", "Programs that name no slice use this one."), status=409)
    if row.is_on(utcnow()):
        raise Refused(Problem("slice_active", f"Slice {row.id} is on; deactivate it first."), status=409)
