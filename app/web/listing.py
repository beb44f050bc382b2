"""What a list shows is in its URL: text, filters, sort, and the row after which the page starts."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlencode

from flask import request
from werkzeug.datastructures import MultiDict

from app.refusal import Problem, Refused
from app.web.cursor import Cursor
from app.web.whole import whole

if TYPE_CHECKING:
    from app.web.saved_view import Saved

PAGE_ROWS = 50
MOST_ROWS = 200
LONGEST_TEXT = 1_000
MOST_VALUES = 50
FORMATS = ("csv", "json")
# What an address says beside text, order and filters.
OF_A_PAGE = frozenset({"after", "before", "format", "limit", "saved"})


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as its URL asks for it; ``sort`` with a dash runs downwards, ``format`` is empty for a page.

    ``filters`` holds the first value of each filter, ``more`` the others of those that were given several times.
    ``unknown`` are the names a saved view asks for in vain, ``saved`` is what a page offers of saved views.
    """

    path: str
    q: str = ""
    sort: str = ""
    default_sort: str = ""
    filters: dict[str, str] = field(default_factory=dict)
    cursor: Cursor | None = None
    direction: Literal["after", "before"] = "after"
    format: str = ""
    limit: int = PAGE_ROWS
    more: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    saved: "Saved | None" = None

    @classmethod
    def from_args(
        cls, args: MultiDict[str, str], *, sorts: tuple[str, ...], filters: tuple[str, ...] = ()
    ) -> "Listing":
        """Read a list's URL; the first of ``sorts`` is the default and may carry a dash.

        Raises Refused (422) on an unknown sort or format, a cursor that is not ours, and text beyond 1,000 characters.
        """
        sort = args.get("sort") or sorts[0]
        if sort.removeprefix("-") not in {name.removeprefix("-") for name in sorts}:
            raise Refused(Problem("unknown_sort", "The list has no such order.", "sort", sort[:100]))
        given = {name: _values(args, name) for name in filters}
        for name, texts in {"q": [args.get("q", "")], **given}.items():
            if len(texts) > MOST_VALUES or any(len(text) > LONGEST_TEXT for text in texts):
                problem = f"At most {MOST_VALUES} values of {LONGEST_TEXT} characters."
                raise Refused(Problem("too_long", problem, name))
        after, before = args.get("after"), args.get("before")
        place = after or before
        return cls(
            path=request.script_root + quote(request.path, safe="/:@~"),
            q=args.get("q", "").strip(),
            sort=sort,
            default_sort=sorts[0],
            filters={name: texts[0] for name, texts in given.items() if texts},
            more={name: tuple(texts[1:]) for name, texts in given.items() if len(texts) > 1},
            cursor=Cursor.decode(place, sort) if place else None,
            direction="before" if before and not after else "after",
            format=_format(args.get("format", "")),
            limit=_limit(args.get("limit")),
            unknown=tuple(sorted(set(args) - OF_A_PAGE - {"q", "sort", *filters})) if "saved" in args else (),
        )

    @property
    def downwards(self) -> bool:
        """Return whether the largest comes first."""
        return self.sort.startswith("-")

    @property
    def column(self) -> str:
        """Return the name of the column it is sorted by."""
        return self.sort.removeprefix("-")

    def get(self, name: str, default: str = "") -> str:
        """Return the value of a filter, ``default`` when it is not set."""
        return self.filters.get(name, default)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a filter, any of which a row may have; empty when it is not set."""
        return (self.filters[name], *self.more.get(name, ())) if name in self.filters else ()

    @property
    def is_narrowed(self) -> bool:
        """Return whether text or a filter leaves rows out, which decides between the two empty states."""
        return bool(self.q or self.filters)

    def url(self, **changes: object) -> str:
        """Return this list's URL with changes, from its first page; None, an empty text or no values remove."""
        given: dict[str, object] = {"q": self.q, **{name: self.all(name) for name in self.filters}, "sort": self.sort}
        given |= changes
        if given["sort"] == self.default_sort:
            del given["sort"]
        pairs = {name: value if isinstance(value, tuple) else str(value) for name, value in given.items()
                 if value not in (None, "", ())}  # fmt: skip
        return f"{self.path}?{urlencode(pairs, doseq=True)}" if pairs else self.path

    @property
    def clear_url(self) -> str:
        """Return the list without text and filters."""
        return self.url(q="", **dict.fromkeys(self.filters, ""))

    @property
    def chips(self) -> list[tuple[str, str]]:
        """Return what narrows the list: words, and the URL without it."""
        found = [(f"“{self.q}”", self.url(q=""))] if self.q else []
        for name in self.filters:
            for value in self.all(name):
                rest = tuple(other for other in self.all(name) if other != value)
                found.append((f"{name.replace('_', ' ')}: {value}", self.url(**{name: rest})))
        return found

    def starting(self, cursor: Cursor | None) -> "Listing":
        """Return the same list continued after a cursor, for exports."""
        return replace(self, cursor=cursor, direction="after")


def _values(args: MultiDict[str, str], name: str) -> list[str]:
    return list(dict.fromkeys(text for each in args.getlist(name) if (text := each.strip())))


def _format(text: str) -> str:
    if text and text not in FORMATS:
        raise Refused(Problem("unknown_format", f"Use one of {', '.join(FORMATS)}.", "format", text[:100]))
    return text


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE_ROWS
    number = whole(text, MOST_ROWS)
    if not number:
        raise Refused(Problem("bad_limit", f"Use a number from 1 to {MOST_ROWS}.", "limit", text[:100]))
    return number
