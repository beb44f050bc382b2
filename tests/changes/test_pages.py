"""The change log as people and programs read it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.realms.models import Realm
from tests import factories
from tests.browser import Browser

URL = "/r/acme/changes"


def test_the_list_shows_the_newest_first(client: Browser, session: Session, realm: Realm) -> None:
    factories.make_changes(session, realm, 60)

    answer = client.get(URL)

    assert answer.status_code == 200
    assert answer.text.index("App 59") < answer.text.index("App 58")
    assert "App 9<" not in answer.text


@pytest.mark.parametrize("statement", ["UPDATE changes_change SET who = 'x'", "DELETE FROM changes_change"])
def test_the_database_refuses_to_alter_the_log(session: Session, realm: Realm, statement: str) -> None:
    factories.make_changes(session, realm, 1)

    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(statement))
