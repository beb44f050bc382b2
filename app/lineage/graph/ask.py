"""The question a URL of the graph asks: read and checked parameter by parameter, and written back. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

from werkzeug.datastructures import MultiDict

from app.lineage.graph.model import EVIDENCE, KINDS, Question, Token
from app.refusal import Problem, Refused
from app.web.whole import whole

MOST_STARTS: Final = 20
MOST_OPEN: Final = 40
MOST_HIDDEN: Final = 200
LONGEST: Final = 4_096
DRAWN_KINDS: Final = (*KINDS, "group")
WORK: Final = {"job", "run", "operation"}
CHOICES: Final = {
    "direction": ("both", "up", "down"),
    "jobs": ("job", "run", "operation", "hidden"),
    "data": ("dataset", "column", "hidden"),
    "fold": ("auto", "none", "root"),
    "view": ("current", "window", "ever"),
}
SWITCHES: Final = {"noise": ("hide", "show"), "group": ("off", "on")}
BOUNDS: Final = {"depth": (1, 20), "max": (10, 250)}
LISTS: Final = ("start", "open", "hide", "evidence")
NAMES: Final = (*CHOICES, *SWITCHES, *BOUNDS, *LISTS, "since", "until", "as_of", "against", "column", "select")
DEFAULT: Final = Question(())


class BadValueError(ValueError):
    """A value that cannot be read; the text says what would be right."""


def question(args: MultiDict[str, str], now: datetime, *, also: Iterable[str] = ()) -> Question:
    """Read the parameters of a graph; names in ``also`` belong to the page and are left alone.

    An empty value counts as not given; ``since`` or ``until`` without a view mean a window. Raises Refused (422) with
    one problem for each parameter that is unknown, doubled or wrong, such as ``as_of`` on a day after ``now``.
    """
    reading = _Reading(args)
    known = {*NAMES, *also}
    for name in args:
        if name not in known:
            reading.wrong("unknown_parameter", "The graph has no such parameter.", name, args[name])
    given: dict[str, Any] = {"start": reading.many("start", token, MOST_STARTS)}
    for name, words in (CHOICES | SWITCHES).items():
        given[name] = reading.one(name, _one_of(words))
    for name, (least, most) in BOUNDS.items():
        given[name] = reading.one(name, _number(least, most))
    for name in ("since", "until", "as_of", "against"):
        given[name] = reading.one(name, _moment(time.min if name == "since" else time.max))
    given["column"] = reading.one("column", _text)
    given["select"] = reading.one("select", drawn)
    given["opened"] = reading.many("open", _opened, MOST_OPEN)
    given["hide"] = frozenset(reading.many("hide", drawn, MOST_HIDDEN))
    given["evidence"] = frozenset(reading.many("evidence", _one_of(EVIDENCE), len(EVIDENCE))) or None
    for name, (_, on) in SWITCHES.items():
        given[name] = given[name] == on if given[name] is not None else None
    asked = replace(DEFAULT, **{name: value for name, value in given.items() if value is not None})
    return _checked(reading, asked, now, has_view=bool(args.get("view")))


def params(asked: Question, **changes: Any) -> list[tuple[str, str]]:
    """Return the parameters that ask this question with changes (by field of Question), defaults left out, in order."""
    asked = replace(asked, **changes)
    changed = [field.name for field in fields(Question) if getattr(asked, field.name) != getattr(DEFAULT, field.name)]
    pairs = [pair for name in changed for pair in _pairs(name, getattr(asked, name))]
    return [pair for pair in pairs if asked.view == "window" or pair[0] not in {"since", "until"}]


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    if name == "evidence":
        return [(name, ",".join(one for one in EVIDENCE if one in value))]
    if name == "opened":
        return [("open", f"{one}.{side}") for one, side in value]
    if name in {"start", "hide"}:
        return [(name, str(one)) for one in (value if name == "start" else sorted(value))]
    if name in SWITCHES:
        return [(name, SWITCHES[name][value])]
    if isinstance(value, datetime):
        return [(name, _written(value, time.min if name == "since" else time.max))]
    return [(name, str(value))]


def token(text: str) -> Token:
    """Read a node as URLs name it; BadValueError where it is none."""
    return _token(text, KINDS)


def drawn(text: str) -> Token:
    """Read a node that a picture may hold: as ``token``, also a group of datasets; BadValueError where it is none."""
    return _token(text, DRAWN_KINDS)


class _Reading:
    """Reads values and collects what is wrong with them."""

    def __init__(self, args: MultiDict[str, str]) -> None:
        self.args = args
        self.problems: list[Problem] = []

    def wrong(self, code: str, detail: str, field: str, value: object = None) -> None:
        self.problems.append(Problem(code, detail, field, value[:100] if isinstance(value, str) else value))

    def one(self, name: str, read: Callable[[str], Any]) -> Any:
        """Return the one value, None where it is not given or wrong."""
        texts = [text for text in self.args.getlist(name) if text]
        if len(set(texts)) > 1:
            self.wrong("given_twice", "Give it once.", name, texts[1])
        return self._read(name, texts[0], read) if texts else None

    def many(self, name: str, read: Callable[[str], Any], most: int) -> tuple[Any, ...]:
        """Return the values of a repeated or comma-separated parameter, each once, in order."""
        texts = list(dict.fromkeys(text for given in self.args.getlist(name) for text in given.split(",") if text))
        if len(texts) > most:
            self.wrong("too_many", f"Give at most {most}.", name, len(texts))
            return ()
        read_ = (self._read(name, text, read) for text in texts)
        return tuple(dict.fromkeys(value for value in read_ if value is not None))

    def _read(self, name: str, text: str, read: Callable[[str], Any]) -> Any:
        try:
            return read(text)
        except BadValueError as bad:
            self.wrong("bad_value", str(bad), name, text)
            return None


def _checked(reading: _Reading, asked: Question, now: datetime, *, has_view: bool) -> Question:
    _fits(reading, asked)
    said = {problem.field for problem in reading.problems}
    if not has_view and (asked.since or asked.until):
        asked = replace(asked, view="window")
    for name, moment in (("as_of", asked.as_of), ("against", asked.against)):
        if moment is not None and moment.date() > now.astimezone(UTC).date():
            reading.wrong("in_future", "Nothing is known of the future.", name, moment.isoformat())
    if asked.view == "window" and not (asked.since or asked.until) and not said & {"since", "until"}:
        reading.wrong("missing", "A window needs since, until or both.", "since")
    if asked.since and asked.until and asked.since > asked.until:
        reading.wrong("bad_window", "It ends before it begins.", "until", asked.until.isoformat())
    if reading.problems:
        raise Refused(*reading.problems)
    return asked


def _fits(reading: _Reading, asked: Question) -> None:
    is_said = any(problem.field == "start" for problem in reading.problems)
    kinds = {one.kind for one in asked.start}
    if not asked.start and not is_said:
        reading.wrong("missing", "Name a node to start from, such as dataset:17.", "start")
    if asked.jobs == asked.data == "hidden":
        reading.wrong("both_hidden", "Jobs and data cannot both be hidden.", "data", "hidden")
    if asked.jobs == "hidden" and kinds & WORK:
        reading.wrong("start_hidden", "The start is a job, a run or an operation: show them.", "jobs", "hidden")
    if asked.data == "hidden" and kinds - WORK:
        reading.wrong("start_hidden", "The start is a dataset: show datasets.", "data", "hidden")
    if asked.column is not None and not is_said and (len(asked.start) != 1 or kinds != {"dataset"}):
        reading.wrong("no_dataset", "A column needs one dataset to start from.", "column", asked.column)


def _token(text: str, kinds: tuple[str, ...]) -> Token:
    kind, _, id_ = text.partition(":")
    wanted = f"Use one of {', '.join(kinds)} with its id, such as dataset:17."
    if kind not in kinds:
        raise BadValueError(wanted)
    if kind in {"run", "operation"}:
        try:
            return Token(kind, str(UUID(id_)))
        except ValueError:
            raise BadValueError(wanted) from None
    if kind == "group":
        if not (id_.isascii() and id_.isalnum() and len(id_) <= 40):  # noqa: PLR2004 - digests are shorter
            raise BadValueError(wanted)
        return Token(kind, id_)
    if not (id_.isascii() and id_.isdigit() and len(id_) <= 18):  # noqa: PLR2004 - what a database key holds
        raise BadValueError(wanted)
    return Token(kind, str(int(id_)))


def _opened(text: str) -> tuple[Token, str]:
    name, _, side = text.rpartition(".")
    if side not in {"up", "down"}:
        raise BadValueError("Use a node and a side, such as dataset:17.up.")
    return drawn(name), side


def _one_of(words: Iterable[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise BadValueError(f"Use one of {', '.join(words)}.")
        return text

    return read


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = whole(text, most)
        if number is None or number < least:
            raise BadValueError(f"Use a number from {least} to {most}.")
        return number

    return read


def _text(text: str) -> str:
    if len(text) > LONGEST or "\0" in text:
        raise BadValueError(f"At most {LONGEST} characters, none of them NUL.")
    return text


def _moment(rest: time) -> Callable[[str], datetime]:
    def read(text: str) -> datetime:
        try:
            if len(text) == len("2026-03-01"):
                return datetime.combine(date.fromisoformat(text), rest, UTC)
            # A plus that was not escaped arrives as a blank.
            found = datetime.fromisoformat(text[:11].upper() + text[11:].upper().replace(" ", "+"))
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise BadValueError("Use a date or a time, such as 2026-03-01 or 2026-03-01T10:00:00Z.") from None

    return read


def _written(moment: datetime, rest: time) -> str:
    if moment.astimezone(UTC).time() == rest:
        return moment.astimezone(UTC).date().isoformat()
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
