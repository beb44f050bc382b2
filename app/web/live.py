"""Live regions of pages: which there are, how a page names those it watches, and how their messages are framed.

A region is an element of a page whose partial has the element's id as its name. Its HTML is made by the view of the
page itself, so what watchers get is what a reload would show.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

from flask import Flask, current_app, g, request, url_for
from sqlalchemy.orm import Session

from app.web.guard import mark_of

EVERYBODY: Final = "all"
MOST_KEYS: Final = 32
LONGEST_QUERY: Final = 2_000
STREAM: Final = "live.stream"
RETRY_MS: Final = 3_000
PING: Final = b": \n\n"
LINES: Final = re.compile(r"\r\n|\r|\n")
KEY: Final = re.compile(r"(?P<name>[a-z_]+):(?P<scope>all|[1-9][0-9]{0,18})(?::(?P<entity>[^?]*))?(?:\?(?P<query>.*))?")

Find = Callable[[Session, list[str]], Iterable[object]]
Part = tuple[str, str, str]
"""The id of an element, how it is swapped, and HTML."""
Parts = Callable[[str, str], list[Part] | None]
About = tuple[str, str | None]
"""A kind of thing of the change log and the id of one, None for any of the kind."""


def everybody() -> str:
    """Return the scope of a region that everyone who may open the page sees alike."""
    return EVERYBODY


@dataclass(frozen=True, slots=True)
class LiveRegion:
    """A part of a page that is kept true; ``target`` is the id of its element and the name of its partial.

    ``whose`` answers in a request whose rows the person sees: ``all``, or the number of the account. ``tabs`` are the
    values of ``?tab=`` that show the region; none means that it is on every tab. ``parts`` returns from what was shown
    and what is shown the little that has to be sent, None for all of it, where rows with ids do not tell;
    ``from_whole`` when only those can use it who were sent the whole.
    """

    name: str
    endpoint: str
    target: str
    whose: Callable[[], str] = everybody
    tabs: tuple[str, ...] = ()
    parts: Parts | None = None
    from_whole: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the capabilities, any of which opens the page the region is on."""
        mark = mark_of(current_app, self.endpoint)
        return mark.names if mark else ()

    def is_on(self, tab: str) -> bool:
        """Return whether a tab shows it."""
        return not self.tabs or tab in self.tabs


@dataclass(frozen=True, slots=True)
class Place:
    """A page as one scope sees it: two watchers of equal places get the same bytes."""

    endpoint: str
    entity: str
    query: str
    scope: str


@dataclass(frozen=True, slots=True)
class Key:
    """A region of a place, as the URL of a stream names it."""

    region: LiveRegion
    place: Place

    def __str__(self) -> str:
        entity = f":{self.place.entity}" if self.place.entity else ""
        query = f"?{self.place.query}" if self.place.query else ""
        return f"{self.region.name}:{self.place.scope}{entity}{query}"


@dataclass(slots=True)
class Rendering:
    """What a view is asked for on behalf of watchers, and what it answered; kept as ``g.rendering``."""

    targets: tuple[str, ...]
    html: dict[str, str] = field(default_factory=dict)
    about: set[About] = field(default_factory=set)
    is_final: bool = False


_REGIONS: dict[str, LiveRegion] = {}
_VIEWS: dict[str, Callable[..., object]] = {}
_LINKS: dict[tuple[str, str], Find] = {}


def init(app: Flask) -> None:
    """Let the layout ask for the page's stream, and keep what the URL names before a blueprint takes it."""
    app.jinja_env.globals["live_stream"] = stream_of_page

    @app.url_value_preprocessor
    def note(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values and regions_of(endpoint):
            g.live_entity = "/".join(str(value) for name, value in values.items() if name != "realm")


def live_region(
    name: str,
    endpoint: str,
    target: str,
    *,
    whose: Callable[[], str] = everybody,
    tabs: tuple[str, ...] = (),
    parts: Parts | None = None,
    from_whole: bool = False,
) -> LiveRegion:
    """Let a region of a page be live; its view says with ``about`` which changes touch it."""
    _REGIONS[name] = LiveRegion(name, endpoint, target, whose, tabs, parts, from_whole)
    return _REGIONS[name]


def live_view(endpoint: str, view: Callable[..., object]) -> None:
    """Let another view make the regions of a page, one that reads no more than they need; it calls ``page`` as well."""
    _VIEWS[endpoint] = view


def view_of(endpoint: str) -> Callable[..., object]:
    """Return the view that makes the regions of a page, the page's own by default."""
    return _VIEWS.get(endpoint) or current_app.view_functions[endpoint]


def live_link(kind: str, to: str, find: Find) -> None:
    """Let a change of one kind of thing touch pages about another: ``find(session, ids)`` returns ids of the other."""
    _LINKS[kind, to] = find


def reached(session: Session, changed: set[About], watched: set[str]) -> set[About]:
    """Return the things whose pages are touched by changes, of the kinds that are watched; a statement for each link.

    The session is tied to the realm of the changes.
    """
    found = set(changed)
    for (kind, to), find in _LINKS.items():
        ids = sorted(entity_id for each, entity_id in changed if each == kind and entity_id is not None)
        if ids and to in watched:
            found |= {(to, str(entity_id)) for entity_id in find(session, ids)}
    return found


def regions_of(endpoint: str | None) -> list[LiveRegion]:
    """Return the live regions of a page in order of registration."""
    return [region for region in _REGIONS.values() if region.endpoint == endpoint]


def live_targets() -> tuple[str, ...]:
    """Return the ids of the live regions of the page being asked for."""
    return tuple(region.target for region in regions_of(request.endpoint))


def about(kind: str, entity_id: object = None) -> None:
    """Say in a view that the page changes with a thing, or without an id with any thing of the kind."""
    rendering: Rendering | None = g.get("rendering")
    if rendering is not None:
        rendering.about.add((kind, None if entity_id is None else str(entity_id)))


def final() -> None:
    """Say in a view that nothing on the page will change any more, so that nobody needs to watch it."""
    g.is_final = True
    rendering: Rendering | None = g.get("rendering")
    if rendering is not None:
        rendering.is_final = True


@dataclass(frozen=True, slots=True)
class Stream:
    """What the layout needs to open a page's one stream."""

    url: str
    targets: tuple[str, ...]


def stream_of_page() -> Stream | None:
    """Return the stream of the page being shown, None where nothing on it is live."""
    keys = _keys_of_page()
    if not keys or STREAM not in current_app.view_functions:
        return None
    regions = ",".join(quote(str(key), safe=":") for key in keys)
    url = f"{url_for(STREAM)}?{urlencode({'after': g.get('live_after', 0)})}&regions={regions}"
    return Stream(url, tuple(key.region.target for key in keys))


def _keys_of_page() -> list[Key]:
    if not g.get("is_page") or g.get("is_final") or "realm" not in g:
        return []
    query = request.query_string.decode("utf-8", "replace")
    if len(query) > LONGEST_QUERY:
        return []
    entity = g.get("live_entity", "")
    shown = [region for region in regions_of(request.endpoint) if region.is_on(request.args.get("tab", ""))]
    return [Key(region, Place(region.endpoint, entity, query, region.whose())) for region in shown]


def keys_of(query_string: bytes) -> list[Key] | None:
    """Read the keys of a stream's URL, None when one is none of ours or there are too many.

    They are read before the query is decoded, because a key may hold commas.
    """
    pairs = (part.partition("=") for part in query_string.decode("ascii", "replace").split("&"))
    texts = [unquote(text) for name, _, value in pairs if name == "regions" for text in value.split(",") if text]
    keys = [_key(text) for text in texts]
    if not 0 < len(keys) <= MOST_KEYS:
        return None
    found = [key for key in keys if key is not None]
    return found if len(found) == len(keys) else None


def _key(text: str) -> Key | None:
    match = KEY.fullmatch(text)
    region = _REGIONS.get(match["name"]) if match else None
    if match is None or region is None or len(match["query"] or "") > LONGEST_QUERY:
        return None
    return Key(region, Place(region.endpoint, match["entity"] or "", match["query"] or "", match["scope"]))


def message(number: int, *parts: Part) -> bytes:
    """Return the event that puts HTML in place of elements or into them; unnamed, for htmx swaps no others."""
    partials = (f'<hx-partial hx-target="#{to}" hx-swap="{swap}">{html}</hx-partial>' for to, swap, html in parts)
    data = "".join(f"data: {line}\n" for line in LINES.split("".join(partials)))
    return f"id: {number}\n{data}\n".encode()


def whole(target: str, html: str) -> Part:
    """Return the part that is a region as a reload would show it."""
    return (target, "outerMorph", html)


def control(name: str, number: int) -> bytes:
    """Return a named event, which changes nothing on the page by itself: ``resync`` or ``bye``."""
    return f"id: {number}\nevent: {name}\ndata: {name}\n\n".encode()


def opening(number: int) -> bytes:
    """Return what a stream begins with: how long to wait before coming back, and from where to go on then."""
    return f"retry: {RETRY_MS}\nid: {number}\n\n".encode()
