"""Where a request comes from is told by our own proxies, never by whoever sends it."""

import pytest
from flask import Flask, request

from app.web import forwarded

SPOOFED = {
    "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil",
    "X-Real-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9",
}


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [
        (0, ["127.0.0.1", "http://localhost/", []]),
        (1, ["198.51.100.7", "https://localhost/", []]),
        (2, ["203.0.113.9", "http://localhost/", []]),
        (3, ["127.0.0.1", "http://localhost/", []]),
    ],
)
def test_as_many_proxies_are_believed_as_there_are(proxies: int, seen: list[object]) -> None:
    app = Flask("told")
    forwarded.init(app, proxies)

    @app.get("/")
    def told() -> list[object]:
        said = [name for name, _ in request.headers if name.startswith(("X-", "Forwarded"))]
        return [request.remote_addr, request.base_url, said]

    assert app.test_client().get("/", headers=SPOOFED).get_json() == seen
