"""What tests of grants share."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.db import db, scope
from app.realms.models import Realm
from app.web.capabilities import Capability


@pytest.fixture
def acting(app: Flask, realm: Realm, owner: User) -> Iterator[Session]:
    """A session of the application, tied to ``acme``; owner holds root there."""
    del owner
    with app.app_context():
        scope(db.session(), realm.id)
        yield db.session()


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> str:
    """A capability that belongs to an app."""
    monkeypatch.setitem(known(), "testrules", Capability("testrules", "app", "Rules of tests"))
    return "testrules"


def known() -> dict[str, Capability]:
    from app.web import capabilities as registry

    return registry._REGISTRY  # noqa: SLF001 - a capability for one test only
