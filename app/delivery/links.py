"""Addresses of our own pages, made where no request says what our address is."""

from urllib.parse import urlsplit

from flask import current_app
from werkzeug.routing import BuildError, MapAdapter

from app.config import Settings
from app.web.kinds import kind_of

HERE = "http://127.0.0.1:8000"


def page_of(kind: str, entity_id: str, realm: str) -> str | None:
    """Return the full URL of a thing's page, None when it has none."""
    known = kind_of(kind)
    if known is None or known.endpoint is None or known.endpoint not in current_app.view_functions:
        return None
    try:
        return _adapter().build(known.endpoint, {"realm": realm, known.arg: entity_id}, force_external=True)
    except (BuildError, ValueError):
        return None


def link(endpoint: str, **values: object) -> str:
    """Return the full URL of a route."""
    return _adapter().build(endpoint, values, force_external=True)


def _adapter() -> MapAdapter:
    settings: Settings = current_app.config["SETTINGS"]
    parts = urlsplit(settings.url or HERE)
    return current_app.url_map.bind(parts.netloc, parts.path or "/", url_scheme=parts.scheme)
