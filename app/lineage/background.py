"""What the threads of the background share: how they start, and which realms they go through."""

import threading
from collections.abc import Callable

from flask import Flask

from app.db import db
from app.realms import queries


def started(app: Flask, name: str, forever: Callable[[Flask, threading.Event], None]) -> threading.Thread:
    """Start a thread that ends with the process; it waits on its event, so that a test may end it."""
    thread = threading.Thread(target=forever, args=(app, threading.Event()), name=name, daemon=True)
    thread.start()
    return thread


def realm_ids() -> list[int]:
    """Return the ids of all realms and leave no transaction open."""
    session = db.session()
    found = [realm.id for realm in session.scalars(queries.realms())]
    session.rollback()
    return found
