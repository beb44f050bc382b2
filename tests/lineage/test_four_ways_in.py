"""One by one, in batches, from a file, uploaded: the same events in any order give the same facts and exports."""

import io
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lineage.models import Import
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.intake import Intake
from tests.lineage.sending import Sender
from tests.lineage.test_both_databases_agree import Event, digest, generated, seen

EVENTS = 150


class House:
    """A realm with someone who may do everything in it."""

    def __init__(self, database: Database, session: Session, number: int) -> None:
        self.database = database
        self.session = session
        self.realm: Realm = factories.make_realm(session, f"way{number}")
        user = factories.make_user(session, f"sender{number}", self.realm, "root")
        self.browser = Browser(database.app, session).as_(user)
        self.sender = Sender(self.browser, factories.make_key(session, user, self.realm, "lineage.write")[1])


def one_by_one(house: House, events: Sequence[Event]) -> None:
    """Post each event on its own."""
    for event in events:
        assert house.sender.post(event).status_code in (200, 201)


def in_batches(house: House, events: Sequence[Event]) -> None:
    """Post batches of random sizes."""
    chance, start = random.Random(2), 0
    while start < len(events):
        size = chance.randint(1, 60)
        assert house.sender.batch(list(events[start : start + size]))["status"] == "success"
        start += size


def from_a_file(house: House, events: Sequence[Event]) -> None:
    """Run ``headwater ingest`` on a file of lines."""
    path = Path(house.database.settings.data_dir) / f"{house.realm.shortname}.ndjson"
    path.write_bytes(lines(events))
    words = ["ingest", "--realm", house.realm.shortname, "--batch", "37", "--quiet", str(path)]
    assert house.database.app.test_cli_runner().invoke(args=words).exit_code == 0


def uploaded(house: House, events: Sequence[Event]) -> None:
    """Upload a file and wait until it is taken in."""
    body = {"file": (io.BytesIO(lines(events)), "events.ndjson")}
    assert house.browser.post(f"/r/{house.realm.shortname}/lineage/imports", body).status_code == 303
    state, until = select(Import.state).where(Import.realm_id == house.realm.id), time.monotonic() + 60
    while time.monotonic() < until and house.session.scalar(state) != "done":
        time.sleep(0.05)
    assert house.session.scalar(state) == "done"


def lines(events: Sequence[Event]) -> bytes:
    """Return events as lines."""
    return b"\n".join(json.dumps(event).encode() for event in events)


def told(house: House) -> dict[str, str]:
    """Return the facts, shortened, and the exports of lists."""
    facts = digest(Intake(house.database, house.realm).facts())
    shown = seen(house.database, house.session, house.realm)
    return {"facts": facts} | {url: text for url, text in shown.items() if "format=" in url}


def test_every_way_in_gives_what_one_event_after_the_other_gives(database: Database, session: Session) -> None:
    chance = random.Random(20)
    events = generated()[:EVENTS]
    sent = events + chance.sample(events, EVENTS // 5)
    found = []
    for number, way in enumerate((one_by_one, in_batches, from_a_file, uploaded)):
        house = House(database, session, number)
        way(house, sent)
        found.append(told(house))
        chance.shuffle(sent)

    assert len(found[0]) > 5
    for other in found[1:]:
        assert [name for name, text in found[0].items() if other[name] != text] == []
