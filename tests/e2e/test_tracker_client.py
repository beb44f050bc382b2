"""Programs of the tracker report over a socket to the shipped start command, also from addresses but loopback."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask, request
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from app.accounts.models import ApiKey, Role, User
from app.jobs.models import Run
from app.realms.models import Realm
from app.serve import Handler
from tests import factories
from tests.databases import live_session, missing
from tests.e2e.serving import Served, headwater
from tests.jobs.tracker_client import PLAN
from tests.jobs.tracking import member

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("tracker")]
SPOOFED = {
    "X-Forwarded-For": "203.0.113.9",
    "X_Forwarded_For": "203.0.113.9",
    "Forwarded": "for=203.0.113.9",
    "Remote_Addr": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
}
DROPPED = ("x_api_key", "x_api-key", "X_API_KEY")


@dataclass(frozen=True)
class Told:
    """An answer over the socket."""

    status: int
    headers: Any
    body: Any


@dataclass(frozen=True)
class House:
    """The server as everybody reaches it, with the rows behind it."""

    port: int
    session: Session
    realm: Realm
    clinic: User
    customer: User

    def key(self) -> str:
        """Return a new key of the provider."""
        return factories.make_key(self.session, self.clinic, self.realm, "jobs.write")[1]

    def ask(
        self, method: str, path: str, json_: object = None, *, to: str = "127.0.0.1", by: str = "", **named: str
    ) -> Told:
        """Send a request with just these headers to one address of this host, ``by`` another."""
        source = (by, 0) if by else None
        with closing(http.client.HTTPConnection(to, self.port, timeout=20, source_address=source)) as connection:
            body = None if json_ is None else json.dumps(json_).encode()
            headers = named | ({"Content-Type": "application/json"} if body is not None else {})
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Told(answer.status, answer.headers, json.loads(answer.read()))


def second_address() -> str | None:
    """Return the address of the interface that leads out, None without one; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        found = str(probe.getsockname()[0])
        return None if found.startswith(("127.", "0.")) else found
    return None


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A realm with a provider and a customer, served on all addresses."""
    folder = tmp_path_factory.mktemp("tracker")
    with headwater(folder, "--realm", "acme", "--host", "0.0.0.0") as served:  # noqa: S104 - other addresses are the point
        engine = create_engine(f"sqlite:///{folder / 'instance' / 'headwater.db'}")
        with live_session(engine) as session:
            realm = session.scalars(select(Realm).where(Realm.shortname == "acme")).one()
            clinic = member(session, realm, "clinic", Role.PROVIDER, "jobs.write")
            customer = member(session, realm, "ann", Role.CUSTOMER, "jobs.read")
            yield House(_port(served), session, realm, clinic, customer)
        engine.dispose()


def _port(served: Served) -> int:
    port = urlsplit(served.url).port
    assert port is not None
    return port


@pytest.fixture(params=["this host", "another loopback address", "the address that leads out"])
def peer(request: pytest.FixtureRequest) -> dict[str, str]:
    """From where to where to ask."""
    if request.param == "this host":
        return {}
    if request.param == "another loopback address":
        return {"by": "127.0.0.2"}
    address = second_address()
    return {"to": address, "by": address} if address else missing("this host has no address but loopback")


def test_the_key_arrives_and_no_other_header_of_its_kind(house: House, peer: dict[str, str]) -> None:
    key, path = house.key(), "/api/tracker/api-keys/protected"

    assert house.ask("GET", path, **peer, **{"x-api_key": key}).body == "Authorized!"
    assert house.ask("GET", path, **peer, **{"X-API-KEY": key, "x-api_key": key, "SCRIPT_NAME": "/x"}).status == 200
    for name in DROPPED:
        told = house.ask("GET", path, **peer, **{name: key})
        assert told.body == {"detail": "Invalid credentials. Missing x-api_key header"}, name
    told = house.ask("GET", path, **peer, **{"x-api_key": key, "X-Request_Id": "planted", "X_Request_Id": "planted"})
    assert (told.status, told.headers["X-Request-Id"] == "planted") == (200, False)


def test_nobody_says_himself_where_he_comes_from(house: House, peer: dict[str, str]) -> None:
    key = house.key()
    spoofed = {
        **SPOOFED,
        "X_Forwarded_For": "203.0.113.9",
        "Remote_Addr": "203.0.113.9",
        "Authorization": f"Bearer {key}",
    }
    told = house.ask("POST", "/api/v1/jobs/runs", {"job": "x", "external_id": key}, **peer, **spoofed)

    assert told.status == 201
    assert told.body["url"].startswith(f"http://{peer.get('to', '127.0.0.1')}:{house.port}/")
    until = time.monotonic() + 10
    while (used := _used_from(house, key)) is None and time.monotonic() < until:
        time.sleep(0.05)
    assert used == peer.get("by", "127.0.0.1")


def _used_from(house: House, key: str) -> str | None:
    return house.session.scalars(select(ApiKey.last_used_from).where(ApiKey.prefix == key[:11])).one()


def test_the_clients_of_all_generations_do_what_they_came_for(house: House, peer: dict[str, str]) -> None:
    key, run = house.key(), f"433 by {peer.get('by')}"
    # One base address ends with a slash, as clients that join it with their paths are often given it.
    root = "//api/tracker/" if peer else "/api/tracker"

    def post(path: str, body: dict[str, Any]) -> Any:
        told = house.ask("POST", f"{root}{path}", body, **peer, **{"x-api_key": key})
        assert (told.status, told.headers["Content-Type"]) == (200, "application/json"), told.body
        return told.body

    oldest = {"provider_job_id": f"{run} 1", "customer_id": house.customer.id, "provider_job_name": "nightly"}
    assert post("/jobs", oldest)["provider_job_id"] == f"{run} 1"
    assert isinstance(post("/events", {"kind": "step", "name": "Loading", "provider_job_id": f"{run} 1"})["id"], int)
    assert post("/job_configurations", PLAN)["version"] == "1.0.0"
    post("/jobs", {"provider_job_id": f"{run} 2", "customer_id": house.customer.id, "tag": "lung"})
    event = post("/events", {"kind": "Pending", "tag": "fetch", "provider_job_id": f"{run} 2", "event_metadata": {}})
    done = {"kind": "complete", "id": event["id"], "event_metadata": {"Reason": "None"}}
    assert post("/update_event", done)["id"] == event["id"]
    assert post("/study_configurations", PLAN)["tag"] == "lung"
    study = {"provider_study_id": f"{run} 3", "hospital_id": house.customer.id, "tag": "lung"}
    assert post("/studies", study)["provider_study_id"] == f"{run} 3"
    for tag in ("fetch", "run", "return"):
        post("/events", {"kind": "Complete", "tag": tag, "provider_study_id": f"{run} 3", "event_metadata": {"n": 1}})

    found = house.session.scalars(select(Run).where(Run.external_id.startswith(run)).order_by(Run.number)).all()
    assert [each.status for each in found] == ["running", "completed", "completed"]


def test_a_sender_who_does_not_go_on_holds_up_nobody(house: House) -> None:
    key, begun = house.key(), []
    try:
        for path in ("/api/tracker/job_configurations", "/api/tracker/update_event", "/api/v1/jobs/runs"):
            sender = socket.create_connection(("127.0.0.1", house.port))
            begun.append(sender)
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nx-api_key: {key}\r\nAuthorization: Bearer {key}\r\n"
            sender.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{".encode())
        time.sleep(0.3)
        plan = {**PLAN, "tag": "meanwhile"}
        assert house.ask("POST", "/api/tracker/job_configurations", plan, **{"x-api_key": key}).status == 200
    finally:
        for sender in begun:
            sender.close()


def test_the_development_server_lets_the_same_header_in() -> None:
    app = Flask("told")

    @app.get("/")
    def told() -> list[object]:
        return [request.headers.get("X-Api-Key"), "X-Request-Id" in request.headers]

    server = make_server("127.0.0.1", 0, app, request_handler=Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        for headers, key in (({"x-api_key": "k"}, "k"), ({"x_api_key": "k"}, None), ({"X-Api-Key": "k"}, "k")):
            with closing(http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)) as connection:
                connection.request("GET", "/", headers={**headers, "X_Request_Id": "x"})
                assert json.loads(connection.getresponse().read()) == [key, False]
    finally:
        server.shutdown()
        server.server_close()
