"""What belongs to a realm slice: each package registers its tables, and copying, purging and counting follow.

A table has the columns ``id`` and ``realm_id``, and ``slice_id`` unless its first parent has it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, select

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SliceTable:
    """One table whose rows belong to slices, under the name that counts and answers give it.

    ``kind`` is that of the change log, ``label`` its words for a row. ``parents`` maps a column to the name of the
    table, registered before, that it points to: copies point to copies. ``app`` is the column that names the app, and
    with ``keeps_app`` an app with such rows cannot be deleted; rows of the others go with it. ``fresh`` are columns
    that begin anew in a copy; what is not ``cloned`` stays behind. ``split`` is a column with the values by which the
    rows of an app are counted.
    """

    name: str
    table: Table
    kind: str
    label: Callable[[Row], str]
    parents: Mapping[str, str] = field(default_factory=dict)
    app: str | None = None
    keeps_app: bool = False
    cloned: bool = True
    fresh: Mapping[str, object] = field(default_factory=dict)
    split: tuple[str, tuple[str, ...]] | None = None

    def of_slice(self, realm_id: int, slice_id: int, apps: tuple[int, ...] | None = None) -> ColumnElement[bool]:
        """Return the condition on rows of one slice of a realm, with ``apps`` only those of these apps."""
        c = self.table.c
        found: list[ColumnElement[bool]] = [c.realm_id == realm_id]
        if "slice_id" in c:
            found.append(c.slice_id == slice_id)
        if apps is not None and self.app is not None:
            found.append(c[self.app].in_(apps))
        through = self.through(by_app=apps is not None)
        if through is not None:
            column, parent = through[0], _TABLES[through[1]]
            found.append(c[column].in_(select(parent.table.c.id).where(parent.of_slice(realm_id, slice_id, apps))))
        return and_(*found)

    def through(self, *, by_app: bool) -> tuple[str, str] | None:
        """Return column and table by which rows belong to a slice (with ``by_app`` to apps), None if they say it."""
        says = "slice_id" in self.table.c and (not by_app or self.app is not None)
        return None if says or not self.parents else next(iter(self.parents.items()))

    def of_app(self, realm_id: int, app_id: int) -> ColumnElement[bool]:
        """Return the condition on rows of one app, in every slice of a realm; ``app`` must be set."""
        assert self.app is not None  # noqa: S101 - asked only of tables that name an app
        return and_(self.table.c.realm_id == realm_id, self.table.c[self.app] == app_id)


_TABLES: dict[str, SliceTable] = {}


def slice_table(table: SliceTable) -> None:
    """Add a table; raises ValueError where a parent is not there yet, for copies are made in this order."""
    missing = [name for name in table.parents.values() if name not in _TABLES]
    if missing:
        raise ValueError(f"{table.name} is registered before {', '.join(missing)}")
    _TABLES[table.name] = table


def slice_tables() -> list[SliceTable]:
    """Return the tables, parents before their children."""
    return list(_TABLES.values())


def app_tables(*, keeping: bool) -> list[SliceTable]:
    """Return the tables whose rows keep an app from being deleted, or those whose rows go with it."""
    return [each for each in _TABLES.values() if each.app is not None and each.keeps_app is keeping]


def rulesets() -> SliceTable | None:
    """Return the table of rulesets, None where no package offers rules."""
    return _TABLES.get("ruleset")
