"""What an impact list shows: every reachable node with what is known of it, filters over it, and its sums."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app.lineage.graph.reach.onward import Spot
from app.lineage.graph.reach.spread import Reach
from app.lineage.queries import impact as queries

NOBODY: Final = "~none"
WORST: Final = ("error", "warn", "ok", "unknown")
ACTIVITY: Final = {"day": 1, "week": 7, "month": 30, "year": 365}
ACTIVITIES: Final = (*ACTIVITY, "older", "never")
FILTERS: Final = ("degree", "kind", "via", "platform", "location", "owner", "tag", "state", "quality", "activity")


@dataclass(slots=True)
class Row:
    """One reachable node.

    ``degree`` is its distance in drawn edges, ``datasets`` how many datasets the way there has. ``state`` of a job is
    that of its last run; that of a dataset is its freshness, empty until somebody judged it. ``since`` is when a late
    one was due. ``ids`` are all names.
    """

    spot: Spot
    degree: int
    datasets: int
    via: Spot
    namespace: str = ""
    name: str = ""
    type: str = ""
    platform: str = ""
    location_id: int | None = None
    location: str = ""
    storage: str = ""
    owners: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    last_at: datetime | None = None
    state: str = ""
    since: datetime | None = None
    quality: str = "unknown"
    ids: list[int] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Return dataset, job or column."""
        return "column" if self.spot.column else self.spot.kind

    @property
    def token(self) -> str:
        """Return the node as URLs name it."""
        return f"{self.spot.kind}:{self.spot.id}"

    @property
    def title(self) -> str:
        """Return the name as pages show it, that of a column with its dataset."""
        return f"{self.name}.{self.spot.column}" if self.spot.column else self.name

    @property
    def order(self) -> tuple[int, str, str, int, str]:
        """Return what the list is sorted by: the nearest first, then by name."""
        return (self.degree, self.title.casefold(), *self.spot[:2], self.spot.column or "")


def rows(session: Session, reach: Reach[Spot]) -> list[Row]:
    """Return a row for each node of a reach, sorted; at most six statements for each 5,000 nodes."""
    found: dict[Spot, Row] = {}
    for spot, one in reach.nodes.items():
        before = found[one.via].datasets if one.via in found else 0
        found[spot] = Row(spot, one.degree, before + (spot.kind == "dataset"), one.via)
    described(session, found.values())
    return sorted((row for row in found.values() if row.name or row.ids), key=lambda row: row.order)


def described(session: Session, found: Collection[Row]) -> None:
    """Fill in what is known of the nodes of these rows."""
    for kind, fill in (("dataset", _fill_datasets), ("job", _fill_jobs)):
        by_id: dict[int, list[Row]] = {}
        for row in found:
            if row.spot.kind == kind:
                by_id.setdefault(row.spot.id, []).append(row)
        ids = sorted(by_id)
        for start in range(0, len(ids), queries.AT_ONCE):
            part = ids[start : start + queries.AT_ONCE]
            homes = fill(session, part, by_id)
            for said in session.execute(queries.said_about(kind, sorted(homes))):
                _say(by_id[homes[said.id]], said)


def _fill_datasets(session: Session, ids: Sequence[int], by_id: Mapping[int, list[Row]]) -> dict[int, int]:
    homes: dict[int, int] = {}
    for known in session.execute(queries.datasets(ids)):
        homes[known.id] = known.home
        last = max(filter(None, (known.last_written_at, known.last_read_at)), default=None)
        for row in by_id[known.home]:
            row.ids.append(known.id)
            row.quality = min(row.quality, known.quality, key=WORST.index)
            row.last_at = max(filter(None, (row.last_at, last)), default=None)
            if known.id == known.home:
                _place(row, known)
                row.type, row.storage = known.type or "", known.storage or ""
                row.state = "dropped" if known.lifecycle == "DROP" else ""
    return homes


def _fill_jobs(session: Session, ids: Sequence[int], by_id: Mapping[int, list[Row]]) -> dict[int, int]:
    for known in session.execute(queries.jobs(ids)):
        for row in by_id[known.id]:
            _place(row, known)
            row.ids.append(known.id)
            row.type, row.platform = known.type or "", known.integration or known.platform
            # The last run may be one that the account does not see.
            row.last_at = known.last_run_at if known.status else None
            row.state = known.status or ("" if known.last_run_at else "never run")
    return {one: one for one in ids}


def _place(row: Row, known: Any) -> None:
    row.namespace, row.name = known.namespace, known.name
    row.platform, row.location_id, row.location = known.platform, known.location_id, known.location


def _say(found: Iterable[Row], said: Any) -> None:
    text = f"{said.name}: {said.more}" if said.more and said.more != said.name else said.name
    for row in found:
        words = row.owners if said.what == "owner" else row.tags
        if text not in words:
            words.append(text)


def values_of(row: Row, name: str, now: datetime) -> list[str]:
    """Return the values of a row that a filter compares with."""
    if name in {"owner", "tag"}:
        return (row.owners if name == "owner" else row.tags) or [NOBODY]
    if name == "activity":
        return [_activity(row.last_at, now)]
    if name == "location":
        return [str(row.location_id)]
    if name == "via":
        return [f"{row.via.kind}:{row.via.id}"]
    return [str(getattr(row, name))]


def _activity(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "never"
    return next((word for word, days in ACTIVITY.items() if now - moment <= timedelta(days=days)), "older")


def narrowed(found: Iterable[Row], chosen: Mapping[str, Collection[str]], now: datetime) -> list[Row]:
    """Return the rows that have one of the chosen values of every filter; ``activity=week`` includes the last day."""
    wanted = {name: _wider(name, set(values)) for name, values in chosen.items() if values}
    if not wanted:
        return list(found)
    return [
        row for row in found if all(not words.isdisjoint(values_of(row, name, now)) for name, words in wanted.items())
    ]


def _wider(name: str, words: set[str]) -> set[str]:
    if name != "activity":
        return words
    last = max((index for index, word in enumerate(ACTIVITY) if word in words), default=-1)
    return words | set(list(ACTIVITY)[: last + 1])


def totals(
    found: Sequence[Row], chosen: Mapping[str, Collection[str]], name: str, now: datetime
) -> list[tuple[str, int]]:
    """Return (value, rows) for each value of a filter among the rows the other filters leave, the most first.

    Degrees come in their own order. A row with two owners counts for both.
    """
    others = {each: values for each, values in chosen.items() if each != name}
    counted = Counter(value for row in narrowed(found, others, now) for value in values_of(row, name, now))
    for value in chosen.get(name, ()):
        counted.setdefault(value, 0)
    if name == "degree":
        return sorted(counted.items(), key=lambda pair: int(pair[0]))
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0] == NOBODY, pair[0].casefold(), pair[0]))


def people(found: Iterable[Row]) -> list[str]:
    """Return everybody who owns one of these, each once, by name."""
    return sorted({name for row in found for name in row.owners}, key=lambda name: (name.casefold(), name))
