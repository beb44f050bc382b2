"""What a person is offered opens: every link and form of the navigation, the start page and the pages behind them."""

import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.jobs.models import Job, Run
from app.realms.models import Realm
from app.web.capabilities import satisfies
from app.web.guard import mark_of
from tests import factories
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.populated import populate

LINK, FORM = re.compile(r'href="(/[^"#]*)'), re.compile(r'method="post" action="([^"?]+)')
ID = re.compile(r"/[0-9a-f-]{36}|/\d+")
FILES = re.compile(r"format=|/static/|/i\.svg|/favicon|\.svg|\.css|\.webmanifest")
PEOPLE = [
    (Role.CUSTOMER, ""),
    (Role.CUSTOMER, "jobs.read"),
    (Role.CUSTOMER, "lineage.read"),
    (Role.CUSTOMER, "delivery.write"),
    (Role.CUSTOMER, "auth"),
    (Role.CUSTOMER, "config"),
    (Role.PROVIDER, "jobs.write"),
    (Role.OPERATOR, "jobs.read"),
]


def offered(html: str) -> dict[str, str]:
    """Return the addresses a page leads to, one for each kind of page."""
    return {ID.sub("/N", url.partition("?")[0]): unescape(url) for url in LINK.findall(html) if not FILES.search(url)}


# Which links are shown does not depend on the database.
@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("role", "caps"), PEOPLE)
def test_what_a_person_is_offered_opens(
    app: Flask, database: Database, session: Session, realm: Realm, visitor: Browser, role: Role, caps: str
) -> None:
    populate(database, session, realm)
    client = visitor.as_(_person(session, realm, role, caps)).client
    closed: list[str] = []
    pages: dict[str, str] = {}
    waiting = {"/": "/"}
    for _depth in range(3):
        opened = {kind: client.get(path, follow_redirects=True, buffered=True) for kind, path in waiting.items()}
        closed += [
            f"{waiting[kind]} {answer.status_code}" for kind, answer in opened.items() if answer.status_code != 200
        ]
        pages |= {kind: answer.text for kind, answer in opened.items() if answer.mimetype == "text/html"}
        waiting = {kind: path for text in pages.values() for kind, path in offered(text).items() if kind not in pages}
    for kind, text in pages.items():
        closed += [f"{kind}: {form}" for form in FORM.findall(text) if not _may(app, form, caps.split())]

    assert len(pages) > 2
    assert not closed, "\n".join(closed)


def _person(session: Session, realm: Realm, role: Role, caps: str) -> User:
    """Return somebody with a role and capabilities; tracked runs are issued by or for them."""
    user = factories.make_user(session, "visitor", None)
    factories.make_membership(session, user, realm, role)
    for cap in caps.split():
        factories.make_grant(session, user, realm, cap)
    if role != Role.OPERATOR and "jobs" in caps:
        theirs = {"customer_id": user.id} if role == Role.CUSTOMER else {"provider_id": user.id}
        session.execute(update(Run).where(Run.realm_id == realm.id).values(origin="tracked", **theirs))
        session.execute(update(Job).where(Job.realm_id == realm.id).values(origin="tracked"))
        session.commit()
    return user


def _may(app: Flask, path: str, caps: list[str]) -> bool:
    endpoint = app.url_map.bind("").match(path, "POST")[0]
    mark = mark_of(app, endpoint)
    assert mark is not None
    return mark.kind != "needs" or any(satisfies(cap, name) for cap in caps for name in mark.names)
