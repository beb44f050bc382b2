"""A client that looks at every page it gets, as a careful reviewer would."""

import hashlib
import json as jsonlib
import os
import re
import warnings
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.changes.models import Change
from app.web.guard import unlogged_reason
from app.web.identity import DOCS
from tests import factories
from tests.databases import UNLOGGED_TABLES

# {{word}} without blanks is a place in a text that people write; our templates have blanks.
LEFT_OVER = re.compile(r"\{\{(?![a-z_]+\}\})|\{%|%\}|Undefined|&lt;(?:time|svg|a) ")
# What the parser complains about although the standard allows it today.
ALLOWED_ERRORS = frozenset({"unexpected-null-character"})
FIELDS = ("input", "select", "textarea")
# APIs that imitate others answer errors as those do.
OWN_ERRORS = ("/api/tracker",)
UNLABELLED = frozenset({"hidden", "submit", "button", "reset", "image"})
TAG = re.compile(r"<(/?[a-z][^\s>]*)([^>]*)>")
VALUE = re.compile(r"=(?:\"[^\"]*\"|'[^']*')")
ID = re.compile(r" id=\"([^\"]*)\"")
# Pairs of tags that stood next to each other on a page that was found well.
_WELL: set[tuple[str, str]] = set()


class Browser:
    """Flask's test client with a cookie jar of its own; ``get`` and ``post`` check the pages they return."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.app = app
        self.session = session
        self.client = app.test_client()

    def as_(self, user: User) -> "Browser":
        """Return another browser in which ``user`` is signed in."""
        other = Browser(self.app, self.session)
        token = factories.make_sign_in(self.session, user)
        with other.client.session_transaction() as cookie:
            cookie["token"] = token
        return other

    def get(self, url: str, **kwargs: Any) -> TestResponse:
        """Get a page and check it."""
        return self.open("GET", url, **kwargs)

    def post(self, url: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Send a form with our CSRF token and check the page that comes back."""
        return self.open("POST", url, data={"csrf_token": self.csrf_token(), **(data or {})}, **kwargs)

    def region(self, url: str, target: str) -> TestResponse:
        """Get what htmx would for a target like ``results``."""
        return self.open("GET", url, headers={"HX-Request": "true", "HX-Target": f"section#{target}"})

    def api(self, method: str, url: str, key: str | None = None, json: object = None, **kwargs: Any) -> TestResponse:
        """Call the API with a bearer key; ``json`` is the body."""
        headers = {**kwargs.pop("headers", {}), **({"Authorization": f"Bearer {key}"} if key else {})}
        if json is not None:
            kwargs |= {"data": jsonlib.dumps(json), "content_type": "application/json"}
        return self.open(method, url, headers=headers, **kwargs)

    def open(self, method: str, url: str, **kwargs: Any) -> TestResponse:
        """Send a request; HTML is checked, an error document must be one."""
        written: set[str] = self.app.extensions["test.watch"].written
        written.clear()
        answer = self.client.open(url, method=method, buffered=True, **kwargs)
        self._check_log(method, answer, written - UNLOGGED_TABLES)
        if answer.mimetype == "text/html" and answer.data and not 300 <= answer.status_code < 400:
            check(answer.get_data(as_text=True), whole=b"<html" in answer.data[:200])
        if url.startswith("/api/") and not url.startswith(DOCS) and answer.status_code >= 400:
            own = url.startswith(OWN_ERRORS)
            assert answer.mimetype == ("application/json" if own else "application/problem+json"), answer.data
            assert not own or list(answer.get_json()) == ["detail"], answer.data
        return answer

    def statements(self, url: str) -> int:
        """Return how many statements a page takes."""
        self.app.extensions["test.watch"].count = 0
        assert self.client.get(url, buffered=True).status_code == 200
        return int(self.app.extensions["test.watch"].count)

    def _check_log(self, method: str, answer: TestResponse, written: set[str]) -> None:
        """Every change is in the log with its request; a request that failed, and every read, left nothing."""
        if method in ("GET", "HEAD"):
            assert not written, f"a GET wrote {written}"
        rows = self.session.scalars(select(Change).where(Change.request_id == answer.headers["X-Request-Id"])).all()
        if answer.status_code >= 400:
            assert not rows, f"a failed request left {[row.verb for row in rows]}"
        elif written - {"changes_change"}:
            endpoint = self.app.url_map.bind_to_environ(answer.request.environ).match()[0]
            reason = endpoint and unlogged_reason(self.app, endpoint)
            assert rows or reason, f"{endpoint} changed {written} and logged nothing"
            assert all(row.who and row.verb and row.kind and row.entity_id for row in rows)

    def csrf_token(self) -> str:
        """Return a token our forms would carry."""
        with self.client.session_transaction() as cookie:
            raw = cookie.setdefault("csrf_token", hashlib.sha1(os.urandom(64), usedforsecurity=False).hexdigest())
        token = URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token").dumps(raw)  # type: ignore[arg-type]
        return token if isinstance(token, str) else token.decode()


def parse(html: str, *, whole: bool) -> Element:
    """Return the tree; raises AssertionError naming where the HTML is not valid."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        tree = parser.parse(html) if whole else parser.parseFragment(html, container="template")
    wrong = [(place, code) for place, code, _ in parser.errors if code not in ALLOWED_ERRORS]
    assert not wrong, f"not valid HTML: {wrong[:5]} near {_near(html, wrong[0][0])}"
    return tree  # type: ignore[no-any-return]


def _near(html: str, place: tuple[int, int]) -> str:
    lines = html.splitlines()
    return repr(lines[min(place[0], len(lines)) - 1].strip()[:200])


def check(html: str, *, whole: bool) -> None:
    """Raise AssertionError unless a page or region is as the house wants it.

    Parsing is most of the time of a test that opens a page, so what is made of parts that were parsed before is not
    parsed again: each tag, with the names of its attributes, stood next to the same neighbours on a page that was well.
    """
    left = LEFT_OVER.search(html)
    assert not left, f"template syntax left: {html[max(left.start() - 80, 0) : left.end() + 80]!r}"
    ids = ID.findall(html)
    assert len(ids) == len(set(ids)), f"ids used twice: {sorted({one for one in ids if ids.count(one) > 1})}"
    tags = [f"{name}{VALUE.sub('', names)}" for name, names in TAG.findall(html)]
    if (pairs := set(pairwise([str(whole), *tags, ""]))) <= _WELL:
        return
    _check_tree(parse(html, whole=whole), whole=whole)
    _WELL.update(pairs)


def _check_tree(tree: Element, *, whole: bool) -> None:
    if whole:
        assert len(list(tree.iter("h1"))) == 1, "a page has one h1"
        title = (tree.findtext(".//title") or "").strip()
        assert title, "a page has a title"
    _check_fields(tree)
    _check_forms(tree)
    _check_links(tree)


def _check_fields(tree: Element) -> None:
    labelled = {label.get("for") for label in tree.iter("label")}
    inside = {id(field) for label in tree.iter("label") for field in label.iter() if field.tag in FIELDS}
    for field in tree.iter():
        if field.tag not in FIELDS or field.get("type") in UNLABELLED:
            continue
        named = field.get("id") in labelled or id(field) in inside or field.get("aria-label")
        assert named or field.get("aria-labelledby"), f"no label: {field.attrib}"


def _check_forms(tree: Element) -> None:
    for form in tree.iter("form"):
        assert form.get("action"), f"a form without action: {form.attrib}"
        if (form.get("method") or "get").lower() == "post":
            names = [field.get("name") for field in form.iter("input")]
            assert "csrf_token" in names, f"a form without CSRF field: {form.attrib}"


def _check_links(tree: Element) -> None:
    for link in tree.iter("a"):
        if link.get("hx-get"):
            assert link.get("href") == link.get("hx-get"), f"href and hx-get differ: {link.attrib}"
        assert link.get("href"), f"a link to nowhere: {link.attrib}"
