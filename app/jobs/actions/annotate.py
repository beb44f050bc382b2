"""What people say about a job or dataset: descriptions, owners, tags; what systems report stays beside it."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import record
from app.db import utcnow
from app.jobs.models import Description, Owner, Tag
from app.jobs.queries import about as queries
from app.jobs.queries.about import PEOPLE
from app.jobs.signals import annotated
from app.refusal import Problem, Refused

LONGEST_TEXT: Final = 20_000
LONGEST_NAME: Final = 200
LONGEST_VALUE: Final = 500
LONGEST_COLUMN: Final = 4_096
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Target:
    """An entity to say something about: its kind, the ids of all its names (new rows go to the first), its label."""

    kind: str
    ids: tuple[int, ...]
    label: str

    @property
    def id(self) -> int:
        """Return the id that new rows and the change log use."""
        return self.ids[0]


@dataclass(frozen=True, slots=True)
class OwnerDraft:
    """Who answers for it, and as what."""

    name: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class TagDraft:
    """A tag of the entity, or of one of its columns."""

    key: str
    value: str | None = None
    column: str | None = None

    @property
    def text(self) -> str:
        """Return the tag in words."""
        return f"{self.key}: {self.value}" if self.value else self.key


def in_turn(session: Session) -> None:
    """Let whoever annotates in this realm at the same time wait until this transaction ends: no tag is given twice.

    SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        turn = func.hashtextextended(f"annotating {session.info['realm_id']}", 0)
        session.execute(select(func.pg_advisory_xact_lock(turn)))


def describe(
    session: Session, target: Target, text: str, actor: Actor, *, column: str | None = None
) -> tuple[str, str] | None:
    """Say what the entity or its column is, empty text takes it back; returns the texts before and after. Flushes.

    Returns None when nothing changed.

    Raises Refused 422 (field ``text``) beyond 20,000 characters, and for the character NUL.
    """
    words = text.replace("\r\n", "\n").strip()
    if len(words) > LONGEST_TEXT or "\x00" in words:
        raise Refused(Problem("too_long", f"Use at most {LONGEST_TEXT:,} characters, none of them NUL.", "text"))
    in_turn(session)
    rows = list(session.scalars(queries.descriptions(target.kind, target.ids, column)))
    before = rows[0].text if rows else None
    if (words or None) == before:
        return None
    for row in rows:
        session.delete(row)
    if words:
        session.add(
            Description(
                realm_id=session.info["realm_id"], kind=target.kind, entity_id=target.id, column=_column(column),
                text=words, said_by=actor.name[:100], said_at=utcnow(),
            )
        )  # fmt: skip
    _told(session, target, "described", [("description", before, words or None)], actor, column)
    return before or "", words


def own(session: Session, target: Target, draft: OwnerDraft, actor: Actor) -> Owner:
    """Add an owner and return it. Flushes.

    Raises Refused 422: a bad name or type, one that people added already, more than 100.
    """
    name = _checked(draft.name, "name", "Enter who answers for it.")
    type_ = _checked(draft.type, "type") if draft.type else None
    in_turn(session)
    known = list(session.scalars(queries.owners_by_people(target.kind, target.ids)))
    if any(owner.name == name for owner in known):
        raise Refused(Problem("taken", f"{name} is an owner already.", "name", name))
    _room(len(known), "name")
    row = Owner(realm_id=session.info["realm_id"], kind=target.kind, entity_id=target.id, name=name, type=type_,
                source=PEOPLE)  # fmt: skip
    session.add(row)
    _told(session, target, "owned", [("owner", None, name), *([("type", None, type_)] if type_ else [])], actor)
    return row


def disown(session: Session, target: Target, owner_id: int, actor: Actor) -> OwnerDraft:
    """Take an owner away that a person added, and return it. Flushes. Raises Refused 404 for any other."""
    row = _one(session.scalars(queries.owners_by_people(target.kind, target.ids)), owner_id, "owner")
    session.delete(row)
    _told(session, target, "disowned", [("owner", row.name, None)], actor)
    return OwnerDraft(row.name, row.type)


def tag(session: Session, target: Target, draft: TagDraft, actor: Actor) -> tuple[Tag, TagDraft | None]:
    """Add a tag, or give a tag of the same key another value; returns it, and what it said before. Flushes.

    Raises Refused 422: a bad key or value, a tag that people gave already, more than 100.
    """
    key, value = _checked(draft.key, "key", "Enter a tag."), _value(draft.value)
    column = _column(draft.column)
    in_turn(session)
    known = list(session.scalars(queries.tags_by_people(target.kind, target.ids)))
    row = next((each for each in known if (each.key, each.column) == (key, column)), None)
    new = TagDraft(key, value, column)
    if row is not None and row.value == value:
        raise Refused(Problem("taken", f"It has the tag {new.text} already.", "key", key))
    old = TagDraft(row.key, row.value, row.column) if row else None
    if row is None:
        _room(len(known), "key")
        row = Tag(realm_id=session.info["realm_id"], kind=target.kind, entity_id=target.id, column=column, key=key,
                  source=PEOPLE)  # fmt: skip
        session.add(row)
    row.value = value
    _told(session, target, "tagged", [("tag", old.text if old else None, new.text)], actor, column)
    return row, old


def untag(session: Session, target: Target, tag_id: int, actor: Actor) -> TagDraft:
    """Take a tag away that a person gave, and return it. Flushes. Raises Refused 404 for any other."""
    row = _one(session.scalars(queries.tags_by_people(target.kind, target.ids)), tag_id, "tag")
    session.delete(row)
    gone = TagDraft(row.key, row.value, row.column)
    _told(session, target, "untagged", [("tag", gone.text, None)], actor, gone.column)
    return gone


def set_owners(session: Session, target: Target, drafts: Iterable[OwnerDraft], actor: Actor) -> None:
    """Make these the owners people named, no others. Flushes; raises Refused as ``own`` does."""
    in_turn(session)
    wanted = {draft.name.strip(): draft for draft in drafts}
    for row in list(session.scalars(queries.owners_by_people(target.kind, target.ids))):
        draft = wanted.get(row.name)
        if draft is not None and (draft.type or None) == row.type:
            del wanted[row.name]
        else:
            disown(session, target, row.id, actor)
    for draft in wanted.values():
        own(session, target, draft, actor)


def set_tags(session: Session, target: Target, drafts: Iterable[TagDraft], actor: Actor) -> None:
    """Make these the tags people gave, columns included, no others. Flushes; raises Refused as ``tag`` does."""
    in_turn(session)
    wanted = {(draft.key.strip(), draft.column or None): draft for draft in drafts}
    for row in list(session.scalars(queries.tags_by_people(target.kind, target.ids))):
        draft = wanted.get((row.key, row.column))
        if draft is None:
            untag(session, target, row.id, actor)
        elif (draft.value or None) == row.value:
            del wanted[row.key, row.column]
    for draft in wanted.values():
        tag(session, target, draft, actor)


def _told(
    session: Session,
    target: Target,
    deed: str,
    fields: list[tuple[str, object, object]],
    actor: Actor,
    column: str | None = None,
) -> None:
    session.flush()
    of = [("column", None, column)] if column else []
    record(session, f"{target.kind}.{deed}", target.kind, target.id, target.label, actor, fields=[*fields, *of])
    annotated.send(None, session=session, kind=target.kind, entity_id=target.id)


def _checked(text: str | None, field: str, absent: str = "Enter some text.") -> str:
    words = (text or "").strip()
    if not words:
        raise Refused(Problem("required", absent, field))
    if len(words) > LONGEST_NAME or not _one_line(words):
        raise Refused(Problem("bad_text", f"Use one line of at most {LONGEST_NAME} characters.", field, words[:100]))
    return words


def _value(text: str | None) -> str | None:
    words = (text or "").strip()
    if len(words) > LONGEST_VALUE or not _one_line(words):
        raise Refused(Problem("bad_text", f"Use one line of at most {LONGEST_VALUE} characters.", "value", words[:100]))
    return words or None


def _one_line(words: str) -> bool:
    return not any(unicodedata.category(character) in ("Cc", "Cs") for character in words)


def _column(name: str | None) -> str | None:
    if name is not None and (len(name) > LONGEST_COLUMN or "\x00" in name):
        raise Refused(Problem("too_long", f"A column has at most {LONGEST_COLUMN:,} characters, no NUL.", "column"))
    return name or None


def _room(number: int, field: str) -> None:
    if number >= MOST:
        raise Refused(Problem("too_many", f"There are {MOST} already; take some away first.", field))


def _one(rows: Iterable[Any], row_id: int, what: str) -> Any:
    for row in rows:
        if row.id == row_id:
            return row
    raise Refused(Problem("not_found", f"No person added this {what}."), status=404)
