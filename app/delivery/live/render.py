"""Renders the live regions of a page by the page's own view, for a reader who has nothing of anybody's own."""

from dataclasses import dataclass, replace

from flask import Flask, g, request
from werkzeug.exceptions import HTTPException

from app.db import db, scope, utcnow
from app.realms.capabilities import Held, RealmFacts, Standing
from app.realms.decision import find_standing
from app.realms.models import Realm
from app.refusal import Refused
from app.web.capabilities import capabilities
from app.web.identity import Identity
from app.web.live import EVERYBODY, Place, Rendering, view_of

NOBODY = Identity(0, "", "")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a page is: its place in a realm, and the address by which its readers reach this server."""

    realm: RealmFacts
    base_url: str
    place: Place


def rendered(app: Flask, address: Address, targets: tuple[str, ...]) -> Rendering | None:
    """Return the regions as a reload would show them, None where the page is not there for its readers.

    Runs in a request of its own, with a session of its own that can only read.
    """
    place = address.place
    path = _path(app, address)
    if path is None:
        return None
    with app.test_request_context(path, base_url=address.base_url, query_string=place.query):
        session = db.session()
        session.info["read_only"] = True
        standing = _reader(address.realm, place.scope)
        if standing is None:
            return None
        scope(session, address.realm.id)
        g.realm, g.standing, g.identity, g.bare = address.realm, standing, standing.who, True
        g.rendering = Rendering(targets)
        try:
            answer = _view(app)
        except (HTTPException, Refused):
            return None
        rendering: Rendering = g.rendering
        return rendering if answer and rendering.html else None


def _path(app: Flask, address: Address) -> str | None:
    place = address.place
    rule = next(app.url_map.iter_rules(place.endpoint))
    names = rule.arguments - {"realm"}
    if len(names) > 1 or bool(names) != bool(place.entity):
        return None
    values = {"realm": address.realm.shortname, **dict.fromkeys(names, place.entity)}
    try:
        return app.url_map.bind("localhost").build(place.endpoint, values, force_external=False)
    except ValueError:
        return None


def _reader(realm: RealmFacts, whose: str) -> Standing | None:
    """Return somebody who may read and nothing else: everything, or what one account may read."""
    if whose == EVERYBODY:
        return Standing(NOBODY, realm, utcnow(), is_member=True, held=(Held(0, "report", None, None, None),))
    who = Identity(int(whose), "", "")
    standing = find_standing(who, Realm.id == realm.id)
    if standing is None:
        return None
    names = [name for name in capabilities() if name.endswith(".read") and standing.holds(name)]
    return replace(standing, held=tuple(Held(0, name, None, None, None) for name in names))


def _view(app: Flask) -> bool:
    """Call the view of the request with what its blueprints do before it, the guard apart; False if it led away."""
    endpoint, values = request.endpoint, request.view_args
    if endpoint is None or values is None:
        return False
    for name in (None, *reversed(request.blueprints)):
        for take in app.url_value_preprocessors.get(name, ()):
            take(endpoint, values)
    for name in reversed(request.blueprints):
        for step in app.before_request_funcs.get(name, ()):
            if step() is not None:
                return False
    view_of(endpoint)(**values)
    return True
