"""Signing in, being slowed, and signing out."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actions import throttle
from app.accounts.models import SignInCounter, SignInSession, User
from app.accounts.tokens import digest
from app.accounts.views.sign_in import local
from app.changes.models import Change
from app.db import utcnow
from tests.browser import Browser
from tests.factories import PASSWORD


def sign_in(browser: Browser, name: str = "owner", password: str = PASSWORD, going_on: str = "") -> int:
    answer = browser.post("/sign-in", {"name": name, "password": password, "next": going_on})
    return answer.status_code


@pytest.mark.usefixtures("owner")
def test_the_signed_out_are_sent_to_the_sign_in_page_and_back(visitor: Browser) -> None:
    away = visitor.get("/r/acme/realms/?a=b")

    assert away.status_code == 303
    assert away.location == "/sign-in?next=%2Fr%2Facme%2Frealms%2F%3Fa%3Db"
    form = visitor.get(away.location).get_data(as_text=True)
    assert 'value="/r/acme/realms/?a=b"' in form
    back = visitor.post("/sign-in", {"name": "owner", "password": PASSWORD, "next": "/r/acme/realms/?a=b"})
    assert (back.status_code, back.location) == (303, "/r/acme/realms/?a=b")
    assert visitor.get("/r/acme/realms/").status_code == 200


@pytest.mark.usefixtures("owner")
def test_the_name_counts_in_any_case(visitor: Browser) -> None:
    assert sign_in(visitor, " Owner ") == 303


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\/evil", "javascript:alert(1)", "x", "/\t/e"],
)
def test_only_a_path_of_this_installation_is_gone_on_to(target: str) -> None:
    assert local(target) == "/"


def test_the_cookie_holds_a_token_and_the_database_only_its_digest(
    visitor: Browser, session: Session, owner: User
) -> None:
    sign_in(visitor)

    row = session.scalars(select(SignInSession)).one()
    with visitor.client.session_transaction() as cookie:
        token = cookie["token"]
        assert set(cookie) <= {"token", "_permanent", "csrf_token", "_flashes"}
    assert row.token_hash == digest(token)
    assert row.user_id == owner.id
    entry = session.scalars(select(Change)).one()
    assert (entry.verb, entry.who, entry.entity_id) == ("session.opened", "owner", str(row.id))
    assert token not in str(entry.__dict__)


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize(
    ("name", "password"), [("owner", "wrong"), ("nobody", PASSWORD), ("", PASSWORD), ("owner", "")]
)
def test_a_wrong_name_or_password_is_refused_in_the_same_words(
    visitor: Browser, session: Session, name: str, password: str
) -> None:
    answer = visitor.post("/sign-in", {"name": name, "password": password})

    assert answer.status_code == 422
    if name and password:
        assert "Name or password is wrong." in answer.get_data(as_text=True)
    assert f'value="{password}"' not in answer.get_data(as_text=True) or not password
    assert session.scalars(select(SignInSession)).all() == []


def test_an_inactive_account_and_a_service_cannot_sign_in(visitor: Browser, session: Session, owner: User) -> None:
    owner.active = False
    session.commit()
    assert sign_in(visitor) == 422

    owner.active, owner.password = True, None
    session.commit()
    assert sign_in(visitor) == 422


@pytest.mark.usefixtures("owner")
def test_the_eleventh_attempt_waits_even_with_the_right_password(visitor: Browser) -> None:
    assert [sign_in(visitor, password="wrong") for _ in range(throttle.PER_ACCOUNT)] == [422] * throttle.PER_ACCOUNT

    answer = visitor.post("/sign-in", {"name": "owner", "password": PASSWORD})

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= throttle.WINDOW.total_seconds()
    assert "Too many attempts. Wait" in answer.get_data(as_text=True)


@pytest.mark.usefixtures("owner")
def test_after_the_window_the_account_opens_again(visitor: Browser) -> None:
    for _ in range(throttle.PER_ACCOUNT + 1):
        sign_in(visitor, password="wrong")

    with time_machine.travel(utcnow() + throttle.WINDOW, tick=False):
        assert sign_in(visitor) == 303


def test_unknown_names_are_slowed_like_known_ones(visitor: Browser, session: Session) -> None:
    codes = [sign_in(visitor, "nobody") for _ in range(throttle.PER_ACCOUNT + 1)]

    assert codes == [422] * throttle.PER_ACCOUNT + [429]
    assert session.get_one(SignInCounter, "account:nobody").failures == throttle.PER_ACCOUNT + 1


@pytest.mark.usefixtures("owner")
def test_one_address_is_slowed_whatever_names_it_tries(visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "PER_ADDRESS", 3)

    assert [sign_in(visitor, f"name{number}") for number in range(4)] == [422, 422, 422, 429]
    assert sign_in(visitor) == 429


@pytest.mark.usefixtures("owner")
def test_counters_of_an_hour_ago_are_cleared_away(visitor: Browser, session: Session) -> None:
    sign_in(visitor, "nobody")

    with time_machine.travel(utcnow() + 7 * throttle.WINDOW, tick=False):
        sign_in(visitor, "somebody")

    assert set(session.scalars(select(SignInCounter.key))) == {"account:somebody", "address:127.0.0.1"}


def test_success_forgives_the_account(visitor: Browser, session: Session, owner: User) -> None:
    for _ in range(3):
        sign_in(visitor, password="wrong")
    assert sign_in(visitor) == 303

    assert session.get(SignInCounter, f"account:{owner.name}") is None
    assert session.get_one(SignInCounter, "address:127.0.0.1").failures == 3


@pytest.mark.usefixtures("owner")
def test_attempts_at_once_are_all_counted(app: Flask, session: Session) -> None:
    with ThreadPoolExecutor(8) as threads:
        codes = list(threads.map(lambda _: sign_in(Browser(app, session), password="wrong"), range(24)))

    assert sorted(codes) == [422] * throttle.PER_ACCOUNT + [429] * 14


def test_signing_out_ends_the_session_for_a_copied_cookie_too(client: Browser, session: Session) -> None:
    with client.client.session_transaction() as cookie:
        token = cookie["token"]

    assert client.post("/sign-out").location == "/sign-in"

    with client.client.session_transaction() as cookie:
        cookie["token"] = token
    assert client.get("/r/acme/realms/").status_code == 303
    assert session.scalars(select(SignInSession)).one().ended_at is not None


def test_a_session_without_a_visit_for_thirty_days_is_over(client: Browser) -> None:
    with time_machine.travel(utcnow().replace(year=utcnow().year + 1), tick=False):
        assert client.get("/accounts/profile").status_code == 303


def test_signing_in_needs_our_own_form(app: Flask, owner: User) -> None:
    answer = app.test_client().post("/sign-in", data={"name": owner.name, "password": PASSWORD})

    assert answer.status_code == 400
