"""Patterns of graph rules: what is noise, and which names are parts of one thing. Pure.

A pattern is a glob over ``namespace/name``, or over the name alone: ``*`` is anything within a segment, ``**``
anything, ``**/`` any number of segments, ``{key}=*`` one or more segments ``key=value``, ``{yyyy} {mm} {dd} {hh}`` a
date's parts, ``{n}`` digits, ``[..]`` at the end what may be missing; a backslash takes the next character as it is.
Matched by RE2: whatever somebody writes, a name takes a time that grows with its length alone.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, Final, Protocol

import re2

LONGEST: Final = 500
MOST_WILDCARDS: Final = 20
PLACES: Final = {
    "key": "[^/=]+",
    "yyyy": "(?:19|20|21)[0-9]{2}",
    "mm": "(?:0[1-9]|1[0-2])",
    "dd": "(?:0[1-9]|[12][0-9]|3[01])",
    "hh": "(?:[01][0-9]|2[0-3])",
    "n": "[0-9]+",
}
TOKEN: Final = re.compile(
    r"\\(?P<plain>.)|(?P<parts>\{key\}=\*(?!\*)(?=$|[/\[\]]))|\{(?P<place>[^{}]*)\}"
    r"|(?P<deep>\*\*/)|(?P<any>\*\*)|(?P<star>\*)|(?P<open>\[)|(?P<close>\])|(?P<text>[^\\{}*\[\]]+|.)",
    re.DOTALL,
)
LEADS: Final = {"deep": "(?:.*?/)??", "any": ".*?"}
# What may be of any length, as little of it as will do.
SPANS: Final = {"star": "[^/]*?", "key": "[^/=]+?", "n": "[0-9]+?", "parts": "[^/=]+=[^/]*(?:/[^/=]+=[^/]*)*?"}
FIXED: Final = {"open": "(?:", "close": ")?", "varies": "()"}
BRACKETS: Final = ("open", "close")
Piece = tuple[str, str]
NOTHING: Final = frozenset("/-_=.*")
OPTIONS: Final = re2.Options()
OPTIONS.log_errors = False
OPTIONS.dot_nl = True


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as the graph applies it: ``kind`` is group or noise; ``is_default`` where no row says it."""

    kind: str
    pattern: str
    name: str
    is_default: bool = False
    enabled: bool = True


NO_IO: Final = "@without-io"
TESTS: Final = "@type=TEST"
DEFAULT_GROUPS: Final = (
    Rule("group", "**/{key}=*", "Partitions such as day=2026-03-01", is_default=True),
    Rule("group", "**/{yyyy}[/{mm}[/{dd}[/{hh}]]]", "Folders of years, months, days, hours", is_default=True),
    Rule("group", "**/{yyyy}-{mm}-{dd}", "Folders of days", is_default=True),
)
DEFAULT_NOISE: Final = (
    Rule("noise", "inmemory:**", "Data that lived in memory only", is_default=True),
    Rule("noise", "**/_temporary/**", "Temporary folders of writers", is_default=True),
    Rule("noise", "**/tmp_*", "Names that begin with tmp_", is_default=True),
    Rule("noise", NO_IO, "Statements and jobs without inputs and outputs", is_default=True),
    Rule("noise", TESTS, "Jobs of type TEST", is_default=True),
)
DEFAULTS: Final = (*DEFAULT_GROUPS, *DEFAULT_NOISE)


class Row(Protocol):
    """What a stored rule offers."""

    kind: str
    pattern: str
    name: str
    enabled: bool


def effective(rows: Iterable[Row], kind: str) -> list[Rule]:
    """Return the enabled rules of a kind: stored ones in the order given, then the defaults nobody replaced.

    A stored rule with the pattern of a default stands for it, so a disabled one switches the default off.
    """
    mine = [Rule(row.kind, row.pattern, row.name, enabled=row.enabled) for row in rows if row.kind == kind]
    replaced = {rule.pattern for rule in mine}
    return [rule for rule in mine if rule.enabled] + [
        rule for rule in DEFAULTS if rule.kind == kind and rule.pattern not in replaced
    ]


def matches(pattern: str, namespace: str, name: str) -> bool:
    """Return whether a pattern matches a dataset's or job's names; a pattern that is not valid matches nothing."""
    compiled = _compiled(pattern)
    if compiled is None:
        return False
    return bool(compiled.whole.match(joined(namespace, name)) or compiled.whole.match(name))


def base(pattern: str, name: str, namespace: str = "") -> tuple[str, str] | None:
    """Return (the name without what varies, what varies) under a group rule, None where it does not match.

    What stands before the first ``{..}`` (without one: before the first ``*``) is kept; what is matched from there on
    varies. Names of one namespace with equal bases are one thing. Nothing left of a name is told as ``/``.
    """
    compiled = _compiled(pattern)
    if compiled is None or not compiled.varies:
        return None
    found = compiled.whole.match(name)
    if found is not None:
        return _split(found, 0, compiled.rest)
    if not namespace:
        return None
    head = len(joined(namespace, name)) - len(name.removeprefix("/"))
    found = compiled.whole.match(joined(namespace, name))
    return _split(found, head, compiled.rest) if found is not None and found.start(1) >= head else None


def problem(pattern: str) -> str | None:
    """Return what is wrong with a pattern in words, None when it can be used."""
    if pattern in {NO_IO, TESTS}:
        return None
    if not pattern or len(pattern) > LONGEST or "\x00" in pattern:
        return f"A pattern has 1 to {LONGEST} characters."
    places = [found["place"] for found in TOKEN.finditer(pattern) if found["place"] is not None]
    unknown = [place for place in places if place not in PLACES]
    if unknown:
        return f"There is no {{{unknown[0][:40]}}}; use {', '.join(f'{{{place}}}' for place in PLACES)}."
    if len([1 for found in TOKEN.finditer(pattern) if found["text"] is None]) > MOST_WILDCARDS:
        return f"A pattern has at most {MOST_WILDCARDS} wildcards."
    if _compiled(pattern) is None:
        return "Brackets hold what may be missing; they close at the end of the pattern. Write { as \\{ and [ as \\[."
    return None


def group_problem(pattern: str) -> str | None:
    """Return what is wrong with the pattern of a group rule: it must also say what varies."""
    wrong = problem(pattern)
    compiled = _compiled(pattern)
    if wrong is None and (compiled is None or not compiled.varies):
        return "Say what varies: with * or one of {key}=*, {yyyy}, {mm}, {dd}, {hh}, {n}."
    return wrong


def joined(namespace: str, name: str) -> str:
    """Return the text a pattern is matched against: namespace and name with one slash between them."""
    return namespace + name if namespace.endswith("/") else f"{namespace}/{name.removeprefix('/')}"


@dataclass(frozen=True, slots=True)
class _Compiled:
    whole: Any
    varies: bool
    rest: str


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> _Compiled | None:
    tokens = [(str(found.lastgroup), found.group(str(found.lastgroup))) for found in TOKEN.finditer(pattern)]
    if not pattern or pattern in {NO_IO, TESTS} or not _is_closed(tokens):
        return None
    first = _first(tokens)
    rest = re.sub(r"\*+", "*", "".join(_told(*token) for token in tokens[first:])) if first is not None else ""
    whole = re2.compile(f"{_whole(tokens, first)}/?\\z", OPTIONS)
    return _Compiled(whole, first is not None, "" if set(rest) <= NOTHING else rest)


def _is_closed(tokens: list[Piece]) -> bool:
    kinds = [kind for kind, _ in tokens]
    end = kinds[kinds.index("open") :] if "open" in kinds else []
    closing = kinds.count("close")
    known = all(text in PLACES for kind, text in tokens if kind == "place") and ("text", "{") not in tokens
    plain = not {"deep", "any", "star", "parts"} & set(end)
    return known and plain and end.count("open") == closing and kinds[len(kinds) - closing :] == ["close"] * closing


def _first(tokens: list[Piece]) -> int | None:
    """Return the index of the token at which what varies begins."""
    for wanted in ({"place", "parts"}, {"star"}):
        for index, (kind, _) in enumerate(tokens):
            if kind in wanted:
                return index
    return None


def _whole(tokens: list[Piece], first: int | None) -> str:
    """Return the expression, with an empty group at which what varies begins."""
    marked = tokens if first is None else [*tokens[:first], ("varies", ""), *tokens[first:]]
    opening = next((index for index, (kind, _) in enumerate(marked) if kind == "open"), len(marked))
    said = (LEADS.get(kind) or _span(kind, text) or _plain(kind, text) for kind, text in marked[:opening])
    return "".join([*said, *_ending(marked[opening:])])


def _span(kind: str, text: str) -> str | None:
    return SPANS.get(text if kind == "place" else kind)


def _plain(kind: str, text: str) -> str:
    return PLACES[text] if kind == "place" else FIXED.get(kind) or re2.escape(text)


def _ending(tokens: Iterable[Piece]) -> Iterator[str]:
    """Yield what stands in brackets; a wildcard at the end of one takes all it can."""
    for is_bracket, group in groupby(tokens, lambda token: token[0] in BRACKETS):
        if is_bracket:
            yield "".join(FIXED[kind] for kind, _ in group)
        else:
            *others, (kind, text) = group
            yield from (_span(*other) or _plain(*other) for other in others)
            yield (_span(kind, text) or "").removesuffix("?") or _plain(kind, text)


def _told(kind: str, text: str) -> str:
    return text if kind in {"text", "plain"} else "/" if kind == "deep" else "" if kind in {"open", "close"} else "*"


def _split(found: Any, head: int, rest: str) -> tuple[str, str]:
    text, at = found.string, found.start(1)
    kept = text[head:at]
    told = rest or ("" if not kept or kept.endswith("/") else "*")
    return (kept + told if told else kept.rstrip("/")) or "/", text[at:].rstrip("/")
