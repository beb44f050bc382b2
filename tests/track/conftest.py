"""Who reports: the program of a provider in ``acme``."""

import pytest
from sqlalchemy.orm import Session

from app.realms.models import Realm
from tests.browser import Browser
from tests.jobs.tracking import Program, make_provider


@pytest.fixture
def provider(visitor: Browser, session: Session, realm: Realm) -> Program:
    """Return the program of a provider that also reads what it reported."""
    return make_provider(visitor, session, realm)
