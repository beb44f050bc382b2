"""Fields of schemas as rows, and what differs between two versions; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Change = Literal["added", "removed", "type", "description", "moved", "renamed"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: ``path`` joins the names of its parents with dots, ``position`` counts among its siblings."""

    path: str
    name: str
    type: str | None
    description: str | None
    depth: int
    position: int


@dataclass(frozen=True, slots=True)
class Difference:
    """How a field differs; a rename is a guess: same place and type, another name."""

    change: Change
    path: str
    before: str | None = None
    after: str | None = None


def flatten(fields: Any, parent: str = "", depth: int = 0) -> Iterator[Field]:
    """Yield the fields of a schema as sent and those nested in them, in order; what is no field is left out."""
    for position, field in enumerate(fields if isinstance(fields, list) else ()):
        if not isinstance(field, dict) or not isinstance(field.get("name"), str):
            continue
        path = f"{parent}{field['name']}"
        yield Field(path, field["name"], _text(field.get("type")), _text(field.get("description")), depth, position)
        yield from flatten(field.get("fields"), f"{path}.", depth + 1)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def compare(old: Sequence[Field], new: Sequence[Field]) -> list[Difference]:
    """Return what changed from ``old`` to ``new``: renames, removals, additions, types, descriptions, moves."""
    before, after = {field.path: field for field in old}, {field.path: field for field in new}
    gone = [field for path, field in before.items() if path not in after]
    come = [field for path, field in after.items() if path not in before]
    renamed = _renames(gone, come)
    found = [Difference("renamed", new.path, old.path, new.path) for old, new in renamed]
    out, into = {old.path for old, _ in renamed}, {new.path for _, new in renamed}
    found += [Difference("removed", field.path, before=field.type) for field in gone if field.path not in out]
    found += [Difference("added", field.path, after=field.type) for field in come if field.path not in into]
    for path in (path for path in before if path in after):
        found += _same_name(before[path], after[path])
    return found + _moved([before[path] for path in before if path in after], after)


def _renames(gone: list[Field], come: list[Field]) -> list[tuple[Field, Field]]:
    places = {_place(field): field for field in come}
    pairs = [(field, places[_place(field)]) for field in gone if _place(field) in places]
    return [(old, new) for old, new in pairs if old.type == new.type]


def _place(field: Field) -> tuple[str, int]:
    return (field.path.removesuffix(field.name), field.position)


def _same_name(old: Field, new: Field) -> list[Difference]:
    found = []
    if old.type != new.type:
        found.append(Difference("type", new.path, old.type, new.type))
    if old.description != new.description:
        found.append(Difference("description", new.path, old.description, new.description))
    return found


def _moved(kept: list[Field], after: dict[str, Field]) -> list[Difference]:
    """Return fields whose order among the kept ones changed; additions and removals alone move nothing."""
    ranks: dict[str, list[Field]] = {}
    for field in kept:
        ranks.setdefault(field.path.removesuffix(field.name), []).append(field)
    found = []
    for siblings in ranks.values():
        now = sorted(siblings, key=lambda field: after[field.path].position)
        for place, (field, other) in enumerate(zip(siblings, now, strict=True)):
            if field.path != other.path:
                found.append(Difference("moved", other.path, str(siblings.index(other) + 1), str(place + 1)))
    return found
