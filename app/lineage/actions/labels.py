"""Renaming tags and owners that people added; what systems report stays as they report it."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import Entry, record_many
from app.jobs.actions.annotate import in_turn
from app.jobs.queries.about import PEOPLE
from app.lineage.queries import labels as queries
from app.lineage.store.find import refresh_words
from app.refusal import Problem, Refused

MOST: Final = 10_000
LONGEST: Final = 200
AT_ONCE: Final = 500
VERBS: Final = {"tag": "tagged", "owner": "owned"}


@dataclass(slots=True)
class Renaming:
    """What a renaming does: rows renamed, rows given up as the new name is there already, and reported ones that stay.

    ``merges`` tells whether the new name is carried by anything already.
    """

    renamed: list[Any] = field(default_factory=list)
    given_up: list[Any] = field(default_factory=list)
    reported: int = 0
    merges: bool = False

    @property
    def things(self) -> int:
        """Return how many datasets and jobs change."""
        return len({(row.kind, row.entity_id) for row in (*self.renamed, *self.given_up)})


def check_known(session: Session, what: str, name: str) -> None:
    """Raise Refused 404 when nothing carries this tag or owner."""
    if not session.scalars(queries.carriers(what, [name], 1)).all():
        raise Refused(Problem("not_found", f"Nothing carries this {what}."), status=404)


def preview(session: Session, what: str, old: str, new: str) -> Renaming:
    """Return what renaming a tag or an owner would do; one statement.

    Raises Refused: 404 when nothing carries ``old``, 422 (field ``into``) on a name that is none or the same.
    """
    name = queries.MODELS[what][1]
    if not new.strip() or len(new) > LONGEST or "\x00" in new or "\n" in new:
        raise Refused(Problem("bad_text", f"Use one line of 1 to {LONGEST} characters.", "into", new[:100]))
    if new == old:
        raise Refused(Problem("same", "That is its name already.", "into", new))
    rows = list(session.scalars(queries.carriers(what, [old, new], MOST + 1)))
    if len(rows) > MOST:
        raise Refused(Problem("too_many", f"More than {MOST:,} carry it; at most that many are renamed at once."))
    mine = [row for row in rows if getattr(row, name) == old]
    if not mine:
        raise Refused(Problem("not_found", f"Nothing carries this {what}."), status=404)
    taken = {_place(row) for row in rows if getattr(row, name) == new and row.source == PEOPLE}
    added = [row for row in mine if row.source == PEOPLE]
    return Renaming(
        [row for row in added if _place(row) not in taken],
        [row for row in added if _place(row) in taken],
        len(mine) - len(added),
        len(rows) > len(mine),
    )


def rename(session: Session, what: str, old: str, new: str, actor: Actor) -> Renaming:
    """Rename a tag or an owner where people added it; what has the new one already keeps one of them. Flushes.

    A constant number of statements, and those of the bulk writes. Raises Refused as ``preview`` does, and 422 when no
    person added it.
    """
    in_turn(session)
    found = preview(session, what, old, new)
    if not found.things:
        raise Refused(Problem("reported", "Only systems report it; it is renamed where it is reported.", "into", new))
    things: dict[str, set[int]] = defaultdict(set)
    for row in (*found.renamed, *found.given_up):
        things[row.kind].add(row.entity_id)
    names = {kind: _names(session, kind, ids) for kind, ids in things.items()}
    for row in found.renamed:
        setattr(row, queries.MODELS[what][1], new)
    for row in found.given_up:
        session.delete(row)
    session.flush()
    changes = [
        Entry(f"{kind}.{VERBS[what]}", kind, id_, names[kind].get(id_, ""), [(what, old, new)])
        for kind, ids in things.items()
        for id_ in sorted(ids)
    ]
    record_many(session, [Entry(f"{what}.renamed", what, old, old, [("name", old, new)]), *changes], actor)
    for kind, ids in things.items():
        refresh_words(session, session.info["realm_id"], kind, sorted(ids))
    return found


def _place(row: Any) -> tuple[str, int, str | None]:
    return row.kind, row.entity_id, getattr(row, "column", None)


def _names(session: Session, kind: str, ids: set[int]) -> dict[int, str]:
    wanted, found = sorted(ids), dict[int, str]()
    for start in range(0, len(wanted), AT_ONCE):
        rows: list[Any] = list(session.execute(queries.named(kind, wanted[start : start + AT_ONCE])))
        found |= {row.id: row.name for row in rows}
    return found
