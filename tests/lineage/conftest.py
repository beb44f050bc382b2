"""What tests of lineage share: a way to send events, and their rows by the names events use."""

import pytest
from sqlalchemy.orm import Session

from app.realms.models import Realm
from tests.databases import Database
from tests.lineage.intake import Intake, Store


@pytest.fixture
def intake(database: Database, realm: Realm) -> Intake:
    """The way of events into ``acme``."""
    return Intake(database, realm)


@pytest.fixture
def store(session: Session) -> Store:
    """The rows of every realm, by the names that events use."""
    return Store(session)
