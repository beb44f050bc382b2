"""Requests that only read do so in read-only transactions."""

from flask import request

from app.db import db


def is_safe_method() -> bool:
    """Return whether the method promises to change nothing."""
    return request.method in ("GET", "HEAD", "OPTIONS")


def begin_reading() -> None:
    """Start each request reading; the guard opens it for writing when the method writes."""
    db.session().info["read_only"] = True
