"""What the URL of an impact list asks: from where, which way, which column, which rows; and that URL with changes."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import request
from werkzeug.datastructures import MultiDict

from app.lineage.graph.ask import params, question
from app.lineage.graph.model import Question
from app.lineage.graph.reach.impact import ACTIVITIES, FILTERS, Row
from app.refusal import Problem, Refused
from app.web.cursor import Cursor, bad_cursor
from app.web.listing import FORMATS, LONGEST_TEXT, MOST_ROWS, PAGE_ROWS
from app.web.whole import whole

HOWS: Final = ("both", "direct", "indirect")
OWN: Final = (*FILTERS, "q", "how", "format", "after", "before", "limit")
WALKED: Final = ("start", "direction", "column", "view", "since", "until", "as_of", "noise", "fold")
MOST_CHOSEN: Final = 50
DIGITS: Final = 6
SORT: Final = "degree"


@dataclass(frozen=True, slots=True)
class Asked:
    """An impact list as its URL asks for it; without ``question`` no start is given yet."""

    path: str
    question: Question | None = None
    how: str = "both"
    q: str = ""
    chosen: dict[str, list[str]] = field(default_factory=dict)
    cursor: Cursor | None = None
    back: bool = False
    format: str = ""
    limit: int = PAGE_ROWS
    sort: str = SORT

    @property
    def is_narrowed(self) -> bool:
        """Return whether a filter leaves rows out."""
        return bool(self.q or self.chosen)

    def pairs(self) -> list[tuple[str, str]]:
        """Return the parameters of the walk, those of the filters apart."""
        walked = params(self.question) if self.question is not None else []
        # Down is what an impact list shows unless it is asked otherwise.
        walked = [pair for pair in walked if pair != ("direction", "down")]
        return walked + ([("how", self.how)] if self.how != "both" else [])

    def url(self, **changes: Any) -> str:
        """Return this list's URL with changes, from its first page; None or an empty text removes a parameter."""
        given = self.pairs() + ([("q", self.q)] if self.q else [])
        given += [(name, value) for name, values in self.chosen.items() for value in values]
        kept = [pair for pair in given if pair[0] not in changes]
        kept += [(name, str(value)) for name, value in changes.items() if value not in {None, ""}]
        return written(kept) or self.path

    def toggled(self, name: str, value: str) -> str:
        """Return the URL with a value of a filter added, or taken away where it is chosen."""
        values = self.chosen.get(name, [])
        other = [one for one in values if one != value] if value in values else [*values, value]
        chosen = {**self.chosen, name: other}
        kept = self.pairs() + ([("q", self.q)] if self.q else [])
        return written(kept + [(key, one) for key, ones in chosen.items() for one in ones])

    def has(self, name: str, value: str) -> bool:
        """Return whether a filter has this value."""
        return value in self.chosen.get(name, ())

    @property
    def clear_url(self) -> str:
        """Return the list without filters."""
        return written(self.pairs())


def written(pairs: Sequence[tuple[str, str]]) -> str:
    """Return parameters as a URL relative to the page, empty without any: a hundred links stay light."""
    return f"?{urlencode(pairs, safe=':,~')}" if pairs else ""


def asked(args: MultiDict[str, str], now: datetime) -> Asked:
    """Read the URL of an impact list; Refused (422) names each parameter that is unknown or wrong."""
    problems = [
        Problem("unknown_parameter", "An impact list has no such parameter.", name, args[name][:100])
        for name in args
        if name not in {*OWN, *WALKED}
    ]
    how, form = args.get("how") or "both", args.get("format", "")
    _one_of(problems, "how", how, HOWS)
    _one_of(problems, "format", form, ("", *FORMATS))
    if args.get("direction") == "both":
        problems.append(Problem("bad_value", "Use one of up, down.", "direction", "both"))
    limit = whole(args.get("limit") or str(PAGE_ROWS), MOST_ROWS) or 0
    if not limit:
        problems.append(Problem("bad_limit", f"Use a number from 1 to {MOST_ROWS}.", "limit", args["limit"][:100]))
    chosen = _chosen(args, problems)
    if problems:
        raise Refused(*problems)
    given = args.get("after") or args.get("before")
    walked = MultiDict((name, value) for name, value in args.items(multi=True) if name in WALKED)
    walked.setdefault("direction", "down")
    return Asked(
        path=request.script_root + quote(request.path, safe="/:@~"),
        question=question(walked, now) if any(args.getlist("start")) else None,
        how=how,
        q=args.get("q", "").strip(),
        chosen=chosen,
        cursor=Cursor.decode(given, SORT) if given else None,
        back=bool(args.get("before")) and not args.get("after"),
        format=form,
        limit=limit,
    )


def _one_of(problems: list[Problem], name: str, value: str, words: Sequence[str]) -> None:
    if value not in words:
        text = f"Use one of {', '.join(filter(None, words))}."
        problems.append(Problem("bad_value", text, name, value[:100]))


def _chosen(args: MultiDict[str, str], problems: list[Problem]) -> dict[str, list[str]]:
    found = {name: list(dict.fromkeys(filter(None, args.getlist(name)))) for name in FILTERS}
    for name, values in {**found, "q": [args.get("q", "")]}.items():
        if len(values) > MOST_CHOSEN:
            problems.append(Problem("too_many", f"Give at most {MOST_CHOSEN}.", name, len(values)))
        if any(len(value) > LONGEST_TEXT or "\x00" in value for value in values):
            problems.append(Problem("too_long", f"At most {LONGEST_TEXT} characters, none of them NUL.", name))
    problems += [
        Problem("bad_number", "Use a distance in steps, such as 2.", "degree", value[:100])
        for value in found["degree"]
        if not (value.isascii() and value.isdigit() and len(value) <= DIGITS)
    ]
    for value in found["activity"]:
        _one_of(problems, "activity", value, ACTIVITIES)
    return {name: values for name, values in found.items() if values}


@dataclass(frozen=True, slots=True)
class Part:
    """One page of the rows: where it starts and ends among all of them."""

    rows: list[Row]
    first: int
    total: int
    next: Cursor | None = None
    prev: Cursor | None = None
    next_url: str | None = None
    prev_url: str | None = None

    @property
    def note(self) -> str:
        """Return which rows these are."""
        return f"{self.first + 1:,} to {self.first + len(self.rows):,} of {self.total:,}" if self.rows else ""


def part(given: Asked, found: Sequence[Row]) -> Part:
    """Return the page of sorted rows the URL asks for; Refused ``bad_cursor`` where its place is none of this list."""
    places = [row.order for row in found]
    first = 0
    if given.cursor is not None:
        place = given.cursor.values
        if [type(value) for value in place] != [int, str, str, int, str]:
            raise bad_cursor()
        after, before = bisect_right(places, place), bisect_left(places, place)
        first = max(0, before - given.limit) if given.back else after
    rows = list(found[first : first + given.limit])
    is_last = first + len(rows) >= len(found)
    following = Cursor.of(SORT, rows[-1].order) if rows and not is_last else None
    previous = Cursor.of(SORT, rows[0].order) if rows and first else None
    return Part(
        rows,
        first,
        len(found),
        following,
        previous,
        given.url(after=following.encode()) if following else None,
        given.url(before=previous.encode()) if previous else None,
    )
