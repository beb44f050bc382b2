"""Tagging and owning many datasets at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from app.bulk import insert_rows
from app.changes.actor import Actor
from app.changes.log import Entry, record_many
from app.jobs.actions.annotate import in_turn
from app.jobs.models import Owner, Tag
from app.jobs.queries.about import PEOPLE
from app.lineage.queries import datasets as queries
from app.lineage.queries import labels
from app.lineage.reads.listed import groups_of
from app.lineage.store.find import refresh_words
from app.refusal import Problem, Refused

MOST: Final = 1_000
LONGEST: Final = 200
FIELDS: Final = ("tag", "owner")
VERBS: Final = {"tag": "tagged", "owner": "owned"}


@dataclass(frozen=True, slots=True)
class Annotated:
    """How many datasets got a tag or an owner, and how many had it from people already."""

    what: str
    value: str
    added: int
    had: int


def annotate_many(session: Session, ids: Sequence[int], given: dict[str, str], actor: Actor) -> list[Annotated]:
    """Add a tag, an owner or both (``given``: field -> text, empty for none) to datasets; flushes.

    The number of statements does not grow with the datasets. Ids the realm has none of are left out. Raises Refused
    422: nothing given or chosen, more than 1,000 datasets, a text that is no single line of at most 200 characters.
    """
    wanted = {what: text.strip() for what, text in given.items() if what in FIELDS and text.strip()}
    if not wanted:
        raise Refused(Problem("required", "Enter a tag or an owner.", "tag"))
    for what, text in wanted.items():
        if len(text) > LONGEST or any(ord(letter) < ord(" ") for letter in text):
            raise Refused(Problem("bad_text", f"Use one line of at most {LONGEST} characters.", what, text[:100]))
    if len(ids) > MOST:
        raise Refused(Problem("too_many", f"At most {MOST:,} datasets at once; narrow the list.", "id"))
    in_turn(session)
    names = {row[0].id: row[0].name for row in session.execute(queries.placed_at(ids))}
    if not names:
        raise Refused(Problem("required", "Choose at least one dataset.", "id"))
    groups = {id_: group.ids for id_, group in groups_of(session, list(names)).items() if id_ in names}
    found = [_add(session, what, text, groups, names, actor) for what, text in wanted.items()]
    refresh_words(session, session.info["realm_id"], "dataset", sorted(names))
    return found


def _add(
    session: Session, what: str, text: str, groups: dict[int, list[int]], names: dict[int, str], actor: Actor
) -> Annotated:
    members = {member: home for home, those in groups.items() for member in those}
    rows = session.scalars(labels.by_people(what, text, list(members)))
    had = {members[row.entity_id] for row in rows}
    new = sorted(groups.keys() - had)
    model: Any = Tag if what == "tag" else Owner
    own: dict[str, Any] = (
        {"key": text, "value": None, "column": None} if what == "tag" else {"name": text, "type": None}
    )
    common = {"realm_id": session.info["realm_id"], "kind": "dataset", "source": PEOPLE, **own}
    insert_rows(session.connection(), model.__table__, [{"entity_id": home, **common} for home in new])
    entries = [Entry(f"dataset.{VERBS[what]}", "dataset", home, names[home], [(what, None, text)]) for home in new]
    record_many(session, entries, actor)
    return Annotated(what, text, len(new), len(had))
