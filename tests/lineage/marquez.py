"""Asks the Marquez API as its clients do: every name one escaped segment."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from werkzeug.test import TestResponse

from tests.browser import Browser

ROOT = "/api/marquez/api/v1"


@dataclass
class Marquez:
    """A client with a key."""

    browser: Browser
    key: str | None

    def ask(self, *segments: str, **params: object) -> TestResponse:
        """Send a request; segments are names as they are."""
        path = "/".join(quote(each, safe="") for each in segments)
        query = f"?{urlencode(params)}" if params else ""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return self.browser.client.get(f"{ROOT}/{path}{query}", headers=headers, buffered=True)

    def get(self, *segments: str, **params: object) -> Any:
        """Return the JSON of an answer that went well."""
        answer = self.ask(*segments, **params)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def missing(self, *segments: str, **params: object) -> str:
        """Return the message of a 404 in the shape of Marquez."""
        answer = self.ask(*segments, **params)
        body = answer.get_json()
        assert (answer.status_code, set(body), body["code"]) == (404, {"code", "message"}, 404), answer.text
        return str(body["message"])
