"""Posts events as clients do."""

import json
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.browser import Browser

ONE = "/api/v1/lineage"
MANY = "/api/v1/lineage/batch"


@dataclass
class Sender:
    """A client with a key; bodies that are no bytes are sent as JSON."""

    browser: Browser
    key: str | None

    def post(self, body: object, url: str = ONE, **headers: str) -> TestResponse:
        """Send a body; ``Content_Encoding="gzip"`` and the like are headers."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.browser.api("POST", url, self.key, data=raw, headers=named)

    def batch(self, body: object, **headers: str) -> Any:
        """Send many and return the report."""
        answer = self.post(body, MANY, **headers)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def get(self, path: str) -> Any:
        """Return the JSON of a resource below /api/v1/lineage."""
        answer = self.browser.api("GET", f"{ONE}/{path}", self.key)
        assert answer.status_code == 200, answer.text
        return answer.get_json()
