"""What tests of the tracker-compatible API share: a program as each of its three generations of clients sends."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.jobs.tracking import member

URL = "/api/tracker"
SCORE = {"name": "Score", "kind": "number", "units": "%"}
STEPS = [
    {"tag": "fetch", "name": "Fetch", "points": 1},
    {"tag": "run", "name": "Run", "points": 8, "metadata_configurations": [SCORE, {"name": "Report", "kind": "link"}]},
    {"tag": "return", "name": "Return", "points": 1},
]
PLAN: dict[str, Any] = {"tag": "lung", "name": "Lung", "version": "1.0.0", "step_configurations": STEPS}


@dataclass(frozen=True)
class Client:
    """A program with the key of an account, which it sends as the clients do."""

    browser: Browser
    user: User
    key: str

    def send(self, method: str, path: str, json: object = None, **kwargs: Any) -> Any:
        """Send a request to a path below the mount; returns the answer."""
        headers = {"x-api_key": self.key, **kwargs.pop("headers", {})}
        return self.browser.api(method, f"{URL}{path}", json=json, headers=headers, **kwargs)

    def post(self, path: str, json: object = None, **kwargs: Any) -> Any:
        """Post."""
        return self.send("POST", path, json, **kwargs)

    def get(self, path: str, **kwargs: Any) -> Any:
        """Return the JSON of a GET that went well."""
        answer = self.send("GET", path, **kwargs)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def register(self, noun: str = "job", **changed: Any) -> Any:
        """Register the plan of most tests, with these changes."""
        return self.post(f"/{noun}_configurations", {**PLAN, **changed})

    def open(self, customer: User, external_id: str = "433", **more: Any) -> dict[str, Any]:
        """Open a run of the plan of most tests as a job; returns what is answered."""
        body = {"provider_job_id": external_id, "customer_id": customer.id, "tag": "lung", **more}
        answer = self.post("/jobs", body)
        assert answer.status_code == 200, answer.text
        found = answer.get_json()
        assert isinstance(found, dict)
        return found

    def event(self, kind: str, tag: str | None = None, **more: Any) -> dict[str, Any]:
        """Send an event of the run ``433``; returns what is answered."""
        named = {} if "provider_study_id" in more else {"provider_job_id": "433"}
        answer = self.post("/events", {"kind": kind, "tag": tag, **named, **more})
        assert answer.status_code == 200, answer.text
        found = answer.get_json()
        assert isinstance(found, dict)
        return found


def make_client(browser: Browser, session: Session, realm: Realm, name: str, role: Role, *caps: str) -> Client:
    """Return the program of a new account with a role, its key good for everything the account may do."""
    user = member(session, realm, name, role, *caps)
    return Client(browser, user, factories.make_key(session, user, realm, *caps)[1])
