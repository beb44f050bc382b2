"""Blueprints about one dataset: the number of the URL becomes ``g.head`` before a view runs."""

from typing import Any, Final

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db, utcnow
from app.lineage.reads.head import Head, head
from app.web.blueprints import realm_blueprint
from app.web.page import page

DIGITS: Final = 18


def dataset_blueprint(name: str, import_name: str) -> Blueprint:
    """Return a blueprint under ``/lineage/datasets/<id>``; its views take no ``dataset_id`` but find ``g.head``.

    404 for an unknown number; a page asked for by an alias answers 303 to the canonical dataset with ``?as=``.
    """
    bp = realm_blueprint(name, import_name, "/lineage/datasets/<int:dataset_id>")
    bp.url_value_preprocessor(_take)
    bp.url_defaults(_fill)
    bp.before_request(_find)
    return bp


def _take(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values is not None:
        g.dataset_id = values.pop("dataset_id")


def _fill(_endpoint: str, values: dict[str, Any]) -> None:
    values.setdefault("dataset_id", g.get("dataset_id"))


def _find() -> ResponseReturnValue | None:
    found = load()
    if found.dataset.id != g.dataset_id and request.method in ("GET", "HEAD"):
        given = {**request.args.to_dict(), **(request.view_args or {}), "dataset_id": found.dataset.id}
        return redirect(url_for(str(request.endpoint), **{**given, "as": g.dataset_id}), 303)
    return None


def load() -> Head:
    """Read the head, also anew after a transaction that was rolled back; raises NotFound."""
    g.head = found = head_of(g.dataset_id, number("as"))
    return found


def head_of(dataset_id: int, used: int | None = None) -> Head:
    """Return the head of a dataset by the number of any of its names; raises NotFound."""
    found = head(db.session(), dataset_id, utcnow(), used)
    if found is None:
        raise NotFound
    return found


def number(name: str) -> int | None:
    """Return a number of the query string, None when it is absent or none."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else None


def opened() -> Head:
    """Return the dataset of the URL."""
    found: Head = g.head
    return found


def tab(name: str, status: int = 200, **context: Any) -> ResponseReturnValue:
    """Render a tab with the head above it."""
    return page(f"lineage/dataset/{name}.html", status, head=g.head, tab=name, **context)
