"""Owners and tags of datasets, by dataset."""

from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.lineage.queries import impact as queries


@dataclass(slots=True)
class Said:
    """What people and systems say of a dataset: owner names and tags, each once, in order of their names."""

    owners: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


def said_about(session: Session, groups: dict[int, list[int]]) -> dict[int, Said]:
    """Return owners and tags by canonical id, those of all names together; one statement."""
    home = {member: canonical for canonical, members in groups.items() for member in members}
    found: dict[int, Said] = defaultdict(Said)
    if not home:
        return found
    for row in session.execute(queries.said_about("dataset", list(home))):
        said = found[home[row.id]]
        if row.what == "owner":
            names, text = said.owners, row.name
        else:
            names, text = said.tags, f"{row.name}: {row.more}" if row.more and row.more != row.name else row.name
        if text not in names:
            names.append(text)
    return found
