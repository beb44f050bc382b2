"""The two kinds of blueprint: pages of a realm, and the JSON API."""

from typing import Any

from flask import Blueprint, Flask, g, request


def realm_blueprint(name: str, import_name: str, prefix: str = "") -> Blueprint:
    """Return a blueprint under ``/r/<realm>``; views get no ``realm`` argument but find it as ``g.realm``."""
    return Blueprint(name, import_name, url_prefix=f"/r/<realm>{prefix}")


def api_blueprint(name: str, import_name: str, prefix: str) -> Blueprint:
    """Return a blueprint for programs: bearer keys, no CSRF, errors as problem+json; the realm is the key's."""
    if not prefix.startswith("/api/"):
        raise ValueError(f"an API lives under /api/, not {prefix}")
    return Blueprint(name, import_name, url_prefix=prefix)


def init(app: Flask) -> None:
    """Take the realm out of view arguments, and put it into URLs made inside a realm page."""

    @app.url_value_preprocessor
    def take(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values is not None and "realm" in values and request.path.startswith("/r/"):
            g.realm_name = values.pop("realm")

    @app.url_defaults
    def fill(endpoint: str, values: dict[str, Any]) -> None:
        if "realm" not in values and g and "realm" in g and app.url_map.is_endpoint_expecting(endpoint, "realm"):
            values["realm"] = g.realm.shortname
