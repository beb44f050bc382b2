"""What a list shows of the views that were saved of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class SavedLink:
    """A saved view of a list; ``by`` is who shares it, empty for one's own."""

    name: str
    url: str
    query: str
    by: str
    shared: bool
    pinned: bool


@dataclass(frozen=True, slots=True)
class Saved:
    """What a list offers: its saved views, and where the query it shows now can be saved."""

    page: str
    query: str
    links: Sequence[SavedLink]
    save_url: str
    all_url: str
    may_share: bool
    left_out: tuple[str, ...] = ()

    def is_shown(self, link: SavedLink) -> bool:
        """Return whether the list shows what the view asks for."""
        return sorted(parse_qsl(link.query)) == sorted(parse_qsl(self.query))
