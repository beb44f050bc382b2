"""What tests of tracking share: members by role, and our own API as a program calls it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser

URL = "/api/v1/jobs"
STEPS = [
    {"tag": "fetch", "name": "Fetch", "points": 1},
    {"tag": "run", "name": "Run", "points": 8},
    {"tag": "return", "name": "Return", "points": 1},
]
PLAN: dict[str, Any] = {"tag": "lung", "name": "Lung", "version": "1.0.0", "steps": STEPS}


def member(session: Session, realm: Realm, name: str, role: Role, *caps: str) -> User:
    """Make a member with a role and capabilities."""
    user = factories.make_user(session, name)
    factories.make_membership(session, user, realm, role)
    for cap in caps:
        factories.make_grant(session, user, realm, cap)
    return user


@dataclass(frozen=True)
class Program:
    """A program that speaks our own API with the key of one account."""

    browser: Browser
    user: User
    key: str

    def post(self, path: str, json: object = None, **kwargs: Any) -> Any:
        """Post to a path below the API of jobs; returns the answer."""
        return self.browser.api("POST", f"{URL}{path}", self.key, json=json, **kwargs)

    def get(self, path: str, **kwargs: Any) -> Any:
        """Get a path below the API of jobs."""
        return self.browser.api("GET", f"{URL}{path}", self.key, **kwargs)

    def register(self, **changed: Any) -> Any:
        """Register the plan of most tests, with these changes."""
        return self.post("/configurations", {**PLAN, **changed})

    def open(self, external_id: str = "433", **more: Any) -> dict[str, Any]:
        """Open a run, of the plan of most tests unless told otherwise; returns what is answered."""
        named = {} if "job" in more else {"tag": "lung"}
        found = self.post("/runs", {"external_id": external_id, **named, **more}).get_json()
        assert isinstance(found, dict)
        return found

    def send(self, run: dict[str, Any], kind: str, step: str | None = None, **more: Any) -> dict[str, Any]:
        """Report one event; returns what is answered."""
        body = {"kind": kind, **({"step": step} if step else {}), **more}
        found = self.post(f"/runs/{run['id']}/events", body).get_json()
        assert isinstance(found, dict)
        return found


def program(browser: Browser, session: Session, realm: Realm, user: User, *scopes: str) -> Program:
    """Return a program with a key of an account."""
    return Program(browser, user, factories.make_key(session, user, realm, *(scopes or ("jobs.write",)))[1])


def make_provider(browser: Browser, session: Session, realm: Realm, name: str = "clinic") -> Program:
    """Return the program of a new provider."""
    return program(browser, session, realm, member(session, realm, name, Role.PROVIDER, "jobs.write"))
