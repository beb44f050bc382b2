"""Bodies read member by member as the tracker read them; what is wrong is collected, not told one at a time. Pure."""

from collections.abc import Sequence
from typing import Any, Final

from app.jobs.progress.semver import is_version
from app.jobs.tracker.wrong import Wrong, unfit, wrong

MOST_TOLD: Final = 100
REQUIRED = ("field required", "value_error.missing")
NOT_NONE = ("none is not an allowed value", "type_error.none.not_allowed")
NO_TEXT = ("str type expected", "type_error.str")
NO_INTEGER = ("value is not a valid integer", "type_error.integer")
NO_LIST = ("value is not a valid list", "type_error.list")
NO_DICT = ("value is not a valid dict", "type_error.dict")
NO_SCALAR = ("value is not a text, a number, true or false", "type_error")
DIGITS: Final = 25


class Given:
    """An object of a body at its place; what is wrong with it goes into ``found``, which all parts of it share."""

    def __init__(self, value: object, at: Sequence[str | int] = ("body",), found: list[Wrong] | None = None) -> None:
        self.at = tuple(at)
        self.found: list[Wrong] = [] if found is None else found
        self.is_object = isinstance(value, dict)
        self.members: dict[str, Any] = value if isinstance(value, dict) else {}
        if not self.is_object:
            self._wrong((), NO_DICT)

    def has(self, name: str) -> bool:
        """Return whether a member is there and not null."""
        return self.members.get(name) is not None

    def text(self, name: str) -> str:
        """Return a text; whole numbers are taken as text."""
        return self._text(name) if self._is_there(name) else ""

    def maybe_text(self, name: str) -> str | None:
        """Return a text, None where it is absent or null."""
        return self._text(name) if self.has(name) else None

    def version(self, name: str) -> str:
        """Return a text that is a version."""
        if not self._is_there(name):
            return ""
        value = self.members[name]
        found = str(value) if _is_whole(value) else value
        if not is_version(found):
            self._wrong((name,), (f"{_short(found)} is not valid SemVer string", "value_error"))
        return found if isinstance(found, str) else ""

    def id(self, name: str) -> int:
        """Return an id: a whole number, also one in a text."""
        value = self.members[name] if self._is_there(name) else 0
        if isinstance(value, str) and value.strip().isdecimal() and len(value) <= DIGITS:
            return int(value)
        if not _is_whole(value):
            self._wrong((name,), NO_INTEGER)
            return 0
        return int(value)

    def points(self, name: str) -> int:
        """Return a whole number; nothing else will do."""
        value = self.members[name] if self._is_there(name) else 0
        if not _is_whole(value):
            self._wrong((name,), NO_INTEGER)
            return 0
        return int(value)

    def one_of(self, name: str, permitted: Sequence[str], *, default: str | None = None) -> str:
        """Return one of some words; ``default`` where it is absent or null."""
        if default is not None and not self.has(name):
            return default
        value = self.members[name] if self._is_there(name) else default
        if name in self.members and value not in permitted:
            self.not_one_of(name, permitted)
        return value if isinstance(value, str) else permitted[0]

    def not_one_of(self, name: str, permitted: Sequence[str]) -> None:
        """Say that a word is none of those that can be used."""
        words = ", ".join(f"'{each}'" for each in permitted)
        told = f"value is not a valid enumeration member; permitted: {words}"
        self._wrong((name,), (told, "type_error.enum"))

    def each(self, name: str, most: int, *, needed: bool = True) -> list["Given"]:
        """Return the objects of a list, at most so many; none where it is absent and not ``needed``."""
        if not needed and not self.has(name):
            return []
        value = self.members[name] if self._is_there(name) else []
        if not isinstance(value, list):
            self._wrong((name,), NO_LIST)
            return []
        if len(value) > most:
            told = f"ensure this value has at most {most} items"
            self._wrong((name,), (told, "value_error.list.max_items"))
            return []
        return [Given(each, (*self.at, name, place), self.found) for place, each in enumerate(value)]

    def unique(self, name: str, tags: Sequence[str]) -> None:
        """Say that a list holds something twice, if it does."""
        if len(set(tags)) != len(tags):
            self._wrong((name,), ("the list has duplicated items", "value_error.list.unique_items"))

    def scalars(self, name: str) -> dict[str, Any] | None:
        """Return an object of scalars with order and types kept, None where it is absent or null."""
        if not self.has(name):
            return None
        value = self.members[name]
        if not isinstance(value, dict):
            self._wrong((name,), NO_DICT)
            return None
        for key, each in value.items():
            if not isinstance(each, str | int | float):
                self._wrong((name, key[:100]), NO_SCALAR)
        return value

    def check(self) -> None:
        """Raise Refused (422) if anything was wrong."""
        if self.found:
            raise unfit(self.found)

    def _text(self, name: str) -> str:
        value = self.members[name]
        if _is_whole(value):
            return str(value)
        if not isinstance(value, str):
            self._wrong((name,), NO_TEXT)
            return ""
        return value

    def _is_there(self, name: str) -> bool:
        if not self.has(name) and self.is_object:
            self._wrong((name,), NOT_NONE if name in self.members else REQUIRED)
        return self.has(name)

    def _wrong(self, place: Sequence[str | int], words: tuple[str, str]) -> None:
        if len(self.found) < MOST_TOLD:
            self.found.append(wrong((*self.at, *place), *words))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _short(value: object) -> str:
    return str(value)[:100]
