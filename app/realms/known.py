"""Settings Headwater itself reads: each package registers its own; other names are free text."""

import re
from dataclasses import dataclass
from typing import Final

from app.web.whole import whole

MOST: Final = 10**9
LENGTH = re.compile(r"[1-9][0-9]{0,5}[smhd]")


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A setting with its meaning: a whole number from 1 to ``most``, a length of time, or one of ``choices``.

    ``default`` None means that of the installation, ``HEADWATER_<NAME>``. A realm-wide one cannot differ by slice.
    """

    name: str
    descr: str
    default: str | None = None
    most: int = MOST
    choices: tuple[str, ...] = ()
    is_length: bool = False
    realm_wide: bool = True

    @property
    def kind(self) -> str:
        """Return what values look like, in words."""
        if self.choices:
            return " or ".join(self.choices)
        return "a length of time such as 72h" if self.is_length else f"a whole number from 1 to {self.most:,}"

    def takes(self, value: str) -> bool:
        """Return whether a value can be used."""
        if self.choices:
            return value in self.choices
        return bool(LENGTH.fullmatch(value) if self.is_length else whole(value, self.most))


_KEYS: dict[str, KnownKey] = {}


def known_key(key: KnownKey) -> None:
    """Add a setting under its name, in capitals."""
    _KEYS[key.name] = key


def known(name: str) -> KnownKey | None:
    """Return what is known of a name in capitals, None for free text."""
    return _KEYS.get(name)


def known_keys(*, realm_wide: bool) -> list[KnownKey]:
    """Return the settings of a whole realm, or those of each slice, by name."""
    return [_KEYS[name] for name in sorted(_KEYS) if _KEYS[name].realm_wide is realm_wide]
