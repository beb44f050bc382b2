"""The navigation on the left: slices add items, each person sees those that would open."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, g, request, url_for

from app.web.saved import endpoint_of

SECTIONS = ("Overview", "Lineage", "Data", "Jobs", "Intake", "Catalog", "Fleet", "Governance", "Activity", "Admin")
ICONS = ("house", "waypoints", "table-2", "play", "inbox", "book-open", "server", "shield", "activity", "settings")


@dataclass(frozen=True, slots=True)
class NavItem:
    """A link; ``needs`` are capabilities, any of which shows it, none means every member sees it.

    ``opens`` says in a request whether the page would open for the person, where capabilities do not tell.
    """

    section: str
    label: str
    endpoint: str
    needs: tuple[str, ...] = ()
    icon: str = ""
    position: int = 50
    opens: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class Link:
    """An item as the template shows it."""

    label: str
    url: str
    icon: str
    current: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A named group of links."""

    label: str
    icon: str
    items: list[Link]


_ITEMS: dict[str, NavItem] = {}


def nav_item(
    section: str,
    label: str,
    endpoint: str,
    needs: tuple[str, ...] = (),
    icon: str = "",
    position: int = 50,
    opens: Callable[[], bool] = lambda: True,
) -> None:
    """Add a link to a section (one of SECTIONS); the endpoint is a page of a realm without arguments."""
    if section not in SECTIONS:
        raise ValueError(f"no section {section}")
    _ITEMS[endpoint] = NavItem(section, label, endpoint, needs, icon, position, opens)


def label_at(page: str) -> str:
    """Return the words for a page of a realm by its path in there, the path itself where no link leads to it."""
    item = _ITEMS.get(endpoint_of(page) or "")
    return item.label if item else page


def navigation(may: Callable[..., bool]) -> list[Section]:
    """Return the sections a person sees in the realm of the request; empty outside a realm."""
    if "realm" not in g:
        return []
    seen = [
        item
        for item in sorted(_ITEMS.values(), key=lambda item: (item.position, item.label))
        if item.endpoint in current_app.view_functions and (not item.needs or may(*item.needs)) and item.opens()
    ]
    urls = {item.endpoint: url_for(item.endpoint) for item in seen}
    same = [urls[item.endpoint] for item in seen if item.endpoint.partition(".")[0] == request.blueprint]
    here = same[0] if len(same) == 1 else _longest(request.path, list(urls.values()))
    return [
        Section(label, icon, [Link(i.label, urls[i.endpoint], i.icon, urls[i.endpoint] == here) for i in items])
        for label, icon in zip(SECTIONS, ICONS, strict=True)
        if (items := [item for item in seen if item.section == label])
    ]


def _longest(path: str, urls: list[str]) -> str:
    under = [url for url in urls if path == url or path.startswith(url.rstrip("/") + "/")]
    return max(under, key=len, default="")
