"""Numbers of ingestion for a monitoring system: of one realm, for a key of it."""

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.lineage.openlineage_events import run
from tests.lineage.sending import Sender

URL = "/api/v1/metrics"
SCOPES = ("lineage.write", "lineage.read")


def sender(visitor: Browser, session: Session, user: User, realm: Realm) -> Sender:
    return Sender(visitor, factories.make_key(session, user, realm, *SCOPES)[1])


def numbers(of: Sender) -> dict[str, float]:
    """Return the samples that are no buckets."""
    answer = of.browser.api("GET", URL, of.key)
    assert answer.status_code == 200, answer.text
    assert answer.content_type.startswith("text/plain; version=")
    lines = (line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines if "_bucket" not in name and "_created" not in name}


def test_events_refusals_and_times_are_told(visitor: Browser, session: Session, owner: User, realm: Realm) -> None:
    acme = sender(visitor, session, owner, realm)
    before = numbers(acme)
    acme.post(run("r", "daily"))
    acme.post(run("r", "daily"))
    acme.batch([run("r2", "daily"), {"job": 1}])
    found = numbers(acme)

    assert found['headwater_lineage_events_total{result="accepted",source="http"}'] == 1
    assert found['headwater_lineage_events_total{result="duplicate",source="http"}'] == 1
    assert found['headwater_lineage_events_total{result="rejected",source="batch"}'] == 1
    assert found["headwater_lineage_raw_bytes_total"] > 200
    assert found["headwater_worker_lag"] == found["headwater_worker_queued"] == 0
    assert found["headwater_worker_workers"] == 0
    refused = 'headwater_lineage_rejections_total{code="missing_field"}'
    assert found[refused] == before.get(refused, 0) + 1
    for name, more in (("ingest_seconds_count", 3), ("batch_size_sum", 4)):
        assert found[f"headwater_lineage_{name}"] == before[f"headwater_lineage_{name}"] + more


def test_a_realm_sees_its_own_numbers_alone(
    visitor: Browser, session: Session, owner: User, realm: Realm, stranger: User, other_realm: Realm
) -> None:
    sender(visitor, session, owner, realm).post(run("r", "daily"))
    theirs = numbers(sender(visitor, session, stranger, other_realm))

    assert not any(name.startswith("headwater_lineage_events_total") for name in theirs)
    assert theirs["headwater_lineage_raw_bytes_total"] == 0
    assert visitor.api("GET", URL, None).status_code == 401
