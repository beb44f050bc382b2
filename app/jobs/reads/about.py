"""What is said about an entity and by whom: reports of systems and words of people, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from app.jobs.queries import about as queries


@dataclass(frozen=True, slots=True)
class Owned:
    """An owner; ``source`` is ``headwater`` for people, else who reported it."""

    id: int
    name: str
    type: str | None
    source: str

    @property
    def by_people(self) -> bool:
        """Return whether a person added it, so that a person may take it away."""
        return self.source == queries.PEOPLE


@dataclass(frozen=True, slots=True)
class Tagged:
    """A tag of the entity, or of one of its columns."""

    id: int
    key: str
    value: str | None
    column: str | None
    source: str

    @property
    def by_people(self) -> bool:
        """Return whether a person added it, so that a person may take it away."""
        return self.source == queries.PEOPLE

    @property
    def text(self) -> str:
        """Return the tag in words, a value only where it says more than the key."""
        return f"{self.key}: {self.value}" if self.value and self.value != self.key else self.key


@dataclass(frozen=True, slots=True)
class Described:
    """What a person said, and when."""

    text: str
    by: str
    at: datetime


@dataclass(slots=True)
class About:
    """Everything said about one entity under all its names; ``descriptions`` by column, None for the whole."""

    owners: list[Owned] = field(default_factory=list)
    all_tags: list[Tagged] = field(default_factory=list)
    descriptions: dict[str | None, Described] = field(default_factory=dict)

    @property
    def tags(self) -> list[Tagged]:
        """Return the tags of the entity itself."""
        return [tag for tag in self.all_tags if tag.column is None]

    def tags_of(self, column: str) -> list[Tagged]:
        """Return the tags of one column."""
        return [tag for tag in self.all_tags if tag.column == column]

    @property
    def description(self) -> Described | None:
        """Return what a person says of the whole."""
        return self.descriptions.get(None)

    @property
    def owner_names(self) -> list[str]:
        """Return each owner once."""
        return list(dict.fromkeys(owner.name for owner in self.owners))

    @property
    def tag_texts(self) -> list[str]:
        """Return each tag of the entity once."""
        return list(dict.fromkeys(tag.text for tag in self.tags))


def about(session: Session, kind: str, ids: Sequence[int]) -> About:
    """Return what is said of an entity with these ids (all its names); one statement."""
    found = About()
    for row in session.execute(queries.said(kind, ids)):
        if row.what == "owner":
            found.owners.append(Owned(row.id, row.name, row.more, row.source))
        elif row.what == "tag":
            found.all_tags.append(Tagged(row.id, row.name, row.more, row.column, row.source))
        else:
            known = found.descriptions.get(row.column)
            if known is None or row.at > known.at:
                found.descriptions[row.column] = Described(row.name, row.source, row.at)
    return found
