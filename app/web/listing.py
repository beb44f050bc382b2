"""What a list shows is in its URL: text, filters, sort, and the row after which the page starts."""

from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import quote, urlencode

from flask import request
from werkzeug.datastructures import MultiDict

from app.refusal import Problem, Refused
from app.web.cursor import Cursor

PAGE_ROWS = 50
MOST_ROWS = 200
LONGEST_TEXT = 1_000
FORMATS = ("csv", "json")


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as its URL asks for it; ``sort`` with a dash runs downwards, ``format`` is empty for a page."""

    path: str
    q: str = ""
    sort: str = ""
    default_sort: str = ""
    filters: dict[str, str] = field(default_factory=dict)
    cursor: Cursor | None = None
    direction: Literal["after", "before"] = "after"
    format: str = ""
    limit: int = PAGE_ROWS

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
        chosen = {name: text for name in filters if (text := args.get(name, "").strip())}
        for name, text in {"q": args.get("q", ""), **chosen}.items():
            if len(text) > LONGEST_TEXT:
                raise Refused(Problem("too_long", f"At most {LONGEST_TEXT} characters.", name))
        after, before = args.get("after"), args.get("before")
        given = after or before
        return cls(
            path=request.script_root + quote(request.path, safe="/:@~"),
            q=args.get("q", "").strip(),
            sort=sort,
            default_sort=sorts[0],
            filters=chosen,
            cursor=Cursor.decode(given, sort) if given else None,
            direction="before" if before and not after else "after",
            format=_format(args.get("format", "")),
            limit=_limit(args.get("limit")),
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

    @property
    def is_narrowed(self) -> bool:
        """Return whether text or a filter leaves rows out, which decides between the two empty states."""
        return bool(self.q or self.filters)

    def url(self, **changes: object) -> str:
        """Return this list's URL with changes, from its first page; None or an empty text removes."""
        given: dict[str, object] = {"q": self.q, **self.filters, "sort": self.sort, **changes}
        if given["sort"] == self.default_sort:
            del given["sort"]
        pairs = {name: str(value) for name, value in given.items() if value not in (None, "")}
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    @property
    def clear_url(self) -> str:
        """Return the list without text and filters."""
        return self.url(q="", **dict.fromkeys(self.filters, ""))

    @property
    def chips(self) -> list[tuple[str, str]]:
        """Return what narrows the list: words, and the URL without it."""
        texts = [(f"“{self.q}”", self.url(q=""))] if self.q else []
        return texts + [
            (f"{name.replace('_', ' ')}: {value}", self.url(**{name: ""})) for name, value in self.filters.items()
        ]

    def starting(self, cursor: Cursor | None) -> "Listing":
        """Return the same list continued after a cursor, for exports."""
        return replace(self, cursor=cursor, direction="after")


def _format(text: str) -> str:
    if text and text not in FORMATS:
        raise Refused(Problem("unknown_format", f"Use one of {', '.join(FORMATS)}.", "format", text[:100]))
    return text


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE_ROWS
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_ROWS):
        raise Refused(Problem("bad_limit", f"Use a number from 1 to {MOST_ROWS}.", "limit", text[:100]))
    return int(text)
