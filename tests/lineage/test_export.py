"""Everything that came in, streamed out again, and what another installation makes of it."""

import json
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.lineage.reads import export
from app.realms.models import Realm
from tests import databases, factories
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import facet, run, table
from tests.lineage.test_rebuild import story

URL = "/api/v1/lineage/export/openlineage"


@pytest.fixture
def key(session: Session, owner: User, realm: Realm) -> str:
    """A key that reads lineage."""
    return factories.make_key(session, owner, realm, "lineage.read")[1]


def exported(visitor: Browser, key: str, query: str = "") -> list[bytes]:
    """Return the lines of the export."""
    answer = visitor.api("GET", f"{URL}{query}", key)
    assert (answer.status_code, answer.content_type) == (200, "application/x-ndjson")
    return list(answer.data.splitlines())


@pytest.mark.parametrize("keys", [1, 3, 2_000])
def test_ingested_elsewhere_it_gives_equal_facts(
    visitor: Browser, intake: Intake, database: Database, other_realm: Realm, key: str,
    monkeypatch: pytest.MonkeyPatch, keys: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(export, "KEYS", keys)
    monkeypatch.setattr(export, "TOGETHER", 700)
    intake.in_batches(story(), [3, 1, 4])

    lines = exported(visitor, key)
    theirs = Intake(database, other_realm)
    theirs.take(*lines)

    assert len(lines) == len(story())
    assert theirs.facts() == intake.facts()


def test_a_real_file_survives_the_way(
    visitor: Browser, intake: Intake, database: Database, other_realm: Realm, key: str
) -> None:
    file = databases.material("openlineage", "ol_spark__pysparkdeltactas.ndjson")
    intake.take(*(line for line in file.read_bytes().splitlines() if line.strip()))

    theirs = Intake(database, other_realm)
    theirs.take(*exported(visitor, key))

    assert theirs.facts() == intake.facts()


def test_times_and_job_narrow_it(visitor: Browser, intake: Intake, key: str) -> None:
    intake.take(run("r1", "load"), run("r2", "other"))

    def names(query: str) -> list[Any]:
        return [json.loads(line)["job"]["name"] for line in exported(visitor, key, query)]

    assert names("?job=other") == ["other"]
    assert names("?since=2999-01-01") == []
    assert names("?until=2999-01-01T00:00:00Z") == ["load", "other"]
    assert names("?job=none") == []


def test_a_bad_time_is_refused(visitor: Browser, realm: Realm, key: str) -> None:
    assert realm
    for query in ("?since=yesterday", "?until=1e9"):
        assert visitor.api("GET", f"{URL}{query}", key).status_code == 422


def test_secrets_are_as_masked_as_on_pages(visitor: Browser, intake: Intake, key: str) -> None:
    variables = facet(environmentVariables=[{"name": "DB_PASSWORD", "value": "planted"}])
    intake.take(run("r1", "load", facets={"environmentVariables": variables}, outputs=[table("t")]))

    assert b"planted" not in b"".join(exported(visitor, key))


def test_another_realm_is_not_in_it(
    visitor: Browser, intake: Intake, database: Database, other_realm: Realm, key: str
) -> None:
    Intake(database, other_realm).take(run("theirs", "load"))
    intake.take(run("ours", "load"))

    assert b"theirs" not in b"".join(exported(visitor, key))
