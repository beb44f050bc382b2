"""What tests of delivery share: a receiver, hooks, changes, and a worker that does one round after another."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.config import Settings
from app.realms.models import Realm
from tests.databases import Database
from tests.delivery.house import House
from tests.delivery.receiver import Receiver
from tests.lineage.intake import Intake


@pytest.fixture
def intake(database: Database, realm: Realm) -> Intake:
    """The way of events into ``acme``."""
    return Intake(database, realm)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on this machine."""
    found = Receiver()
    found.start()
    yield found
    found.stop()


@pytest.fixture
def settings(app: Flask) -> Iterator[Callable[..., None]]:
    """Change settings for the rest of the test."""
    before: Settings = app.config["SETTINGS"]

    def change(**changes: Any) -> None:
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], **changes)

    yield change
    app.config["SETTINGS"] = before


@pytest.fixture
def house(app: Flask, session: Session, realm: Realm, settings: Callable[..., None]) -> House:
    """The realm ``acme`` with receivers on this machine allowed, and nothing repeated within a test by itself."""
    settings(hook_http=True, hook_hosts="127.0.0.1", retry_seconds="0,600")
    return House(app, session, realm)
