"""What tests of delivery share."""

import pytest

from app.realms.models import Realm
from tests.databases import Database
from tests.lineage.intake import Intake


@pytest.fixture
def intake(database: Database, realm: Realm) -> Intake:
    """The way of events into ``acme``."""
    return Intake(database, realm)
