"""Set what programs and Headwater itself read; each set of a key counts, and the log keeps both values."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import Entry, record, record_many
from app.changes.models import Change
from app.db import utcnow
from app.realms.actions.turns import take_turn
from app.realms.known import KnownKey, known
from app.realms.models import Config, RealmSlice
from app.realms.queries import config as queries
from app.refusal import Problem, Refused

NAME = re.compile(r"[A-Z][A-Z0-9_]{0,62}")
MOST_BYTES, LONGEST_DESCR, SHOWN = 65_536, 2_000, 100


@dataclass(frozen=True, slots=True)
class ConfigDraft:
    """A name in any case and its value, None for none; ``slice_id`` None means the whole realm.

    ``descr`` None leaves the description as it is; ``ver`` is the version that was looked at, None for any.
    """

    slice_id: int | None
    name: str
    val: str | None
    descr: str | None = None
    ver: int | None = None


def set_config(session: Session, draft: ConfigDraft, *, actor: Actor) -> tuple[Config, bool]:
    """Set one key, also to the value it has, and log it; returns the row and whether it is new. Flushes.

    Raises Refused 404 for an unknown slice, 422 with what is wrong, 409 ``stale`` when ``ver`` is not the newest.
    """
    name = draft.name.strip().upper()
    problems = [*_bad_name(name), *_bad_value(draft, known(name)), *_bad_descr(draft.descr)]
    if problems:
        raise Refused(*problems)
    take_turn(session)
    _check_slice(session, draft.slice_id)
    row = session.scalar(queries.setting(draft.slice_id, name))
    if draft.ver is not None and draft.ver != (row.ver if row else None):
        newest = row.ver if row else None
        words = f"It was set meanwhile, and is at version {newest}." if row else "There is no such setting yet."
        raise Refused(Problem("stale", words, "ver", draft.ver), status=409, extra={"ver": newest})
    if row is None:
        return _add(session, draft, name, actor), True
    before = {"val": row.val, "descr": row.descr, "ver": row.ver}
    row.val, row.ver, row.setby, row.setat = draft.val, row.ver + 1, actor.name, utcnow()
    row.descr = row.descr if draft.descr is None else draft.descr
    session.flush()
    fields = [("val", before["val"], row.val), ("ver", before["ver"], row.ver)]
    fields += [("descr", before["descr"], row.descr)] if row.descr != before["descr"] else []
    record(session, "config.set", "config", row.id, label_of(row), actor, fields=fields)
    return row, False


def set_again(session: Session, row: Config, change_id: int, *, ver: int | None, actor: Actor) -> Config:
    """Set a key to what a change of it had set it to; raises Refused 404 for a change of something else."""
    change = session.scalar(select(Change).where(Change.id == change_id))
    if change is None or (change.kind, change.entity_id) != ("config", str(row.id)):
        raise Refused(Problem("not_found", "This is no change of the setting."), status=404)
    values = [field["new"] for field in change.fields if field["field"] == "val"]
    if not values:
        raise Refused(Problem("not_found", "This change set no value."), status=404)
    return set_config(session, ConfigDraft(row.slice_id, row.name, values[0], ver=ver), actor=actor)[0]


def add_known(session: Session, keys: Iterable[KnownKey], slice_id: int | None, *, actor: Actor) -> None:
    """Add settings Headwater reads, at their defaults and set by SYSTEM; flushes."""
    rows = [
        Config(
            realm_id=session.info["realm_id"],
            slice_id=slice_id,
            name=key.name,
            descr=key.descr,
            val=key.default,
            ver=1,
            setby="SYSTEM",
        )
        for key in keys
    ]
    session.add_all(rows)
    session.flush()
    entries = [
        Entry("config.set", "config", row.id, label_of(row), [("val", None, row.val), ("ver", None, 1)]) for row in rows
    ]
    record_many(session, entries, actor)


def label_of(row: Config) -> str:
    """Return the words by which the log calls a setting."""
    return row.name if row.slice_id is None else f"{row.name} in slice {row.slice_id}"


def _add(session: Session, draft: ConfigDraft, name: str, actor: Actor) -> Config:
    row = Config(
        realm_id=session.info["realm_id"],
        slice_id=draft.slice_id,
        name=name,
        descr=draft.descr or "",
        val=draft.val,
        ver=1,
        setby=actor.name,
    )
    session.add(row)
    session.flush()
    fields = [("val", None, row.val), ("ver", None, 1)] + ([("descr", None, row.descr)] if row.descr else [])
    record(session, "config.set", "config", row.id, label_of(row), actor, fields=fields)
    return row


def _check_slice(session: Session, slice_id: int | None) -> None:
    if slice_id is not None and session.scalar(select(RealmSlice.id).where(RealmSlice.id == slice_id)) is None:
        raise Refused(Problem("not_found", "There is no such slice."), status=404)


def _bad_name(name: str) -> list[Problem]:
    if not name:
        return [Problem("required", "Give the setting a name.", "name")]
    if NAME.fullmatch(name):
        return []
    words = "Use up to 63 letters, digits and underscores, beginning with a letter."
    return [Problem("bad_name", words, "name", name[:SHOWN])]


def _bad_value(draft: ConfigDraft, key: KnownKey | None) -> list[Problem]:
    if key is not None and key.realm_wide is not (draft.slice_id is None):
        where = "for the whole realm" if key.realm_wide else "in a slice"
        return [Problem("wrong_place", f"{key.name} is set {where}.", "slice", draft.slice_id)]
    if draft.val is None:
        return []
    if len(draft.val.encode("utf-8", "replace")) > MOST_BYTES:
        return [Problem("too_long", "A value has at most 64 KiB.", "val")]
    if "\0" in draft.val or any("\ud800" <= letter <= "\udfff" for letter in draft.val):
        return [Problem("bad_value", "The value holds letters that cannot be kept.", "val")]
    if key is not None and not key.takes(draft.val):
        return [Problem("bad_value", f"{key.name} is {key.kind}.", "val", draft.val[:SHOWN])]
    return []


def _bad_descr(descr: str | None) -> list[Problem]:
    if descr is None or (len(descr) <= LONGEST_DESCR and "\0" not in descr):
        return []
    return [Problem("too_long", f"Describe it in at most {LONGEST_DESCR:,} characters.", "descr")]
