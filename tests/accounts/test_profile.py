"""What people change about themselves, and the browsers they are signed in with."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.agents import browser
from app.accounts.models import SignInSession, User
from app.accounts.passwords import matches
from app.changes.models import Change
from app.db import utcnow
from tests.browser import Browser
from tests.factories import PASSWORD, make_user

URL = "/accounts/profile"
NEW = {"current": PASSWORD, "new": "battery staple correct", "repeat": "battery staple correct"}


def saved(session: Session, user: User) -> User:
    return session.scalars(select(User).where(User.id == user.id)).one()


def test_the_page_shows_ones_own_id_and_sessions(client: Browser, owner: User) -> None:
    page = client.get(URL).get_data(as_text=True)

    assert f">{owner.id}<" in page
    assert "this one" in page


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(
    client: Browser, visitor: Browser, session: Session, owner: User
) -> None:
    other = visitor.as_(owner)

    assert client.post(f"{URL}/password", NEW).status_code == 303

    assert matches(NEW["new"], saved(session, owner).password)
    assert client.get(URL).status_code == 200
    assert other.get(URL).status_code == 303
    told = "".join(str(entry.fields) for entry in session.scalars(select(Change)))
    assert "(not shown)" in told
    assert "argon2" not in told


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"current": "wrong"}, "not your present password"),
        ({"new": "short", "repeat": "short"}, "at least 10 characters"),
        ({"repeat": "something else"}, "not what you entered above"),
        ({"new": ""}, "Enter a new password"),
    ],
)
def test_a_bad_new_password_changes_nothing(
    client: Browser, session: Session, owner: User, change: dict[str, str], words: str
) -> None:
    answer = client.post(f"{URL}/password", {**NEW, **change})

    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert matches(PASSWORD, saved(session, owner).password)
    assert session.scalars(select(Change)).all() == []


def test_guessing_the_present_password_is_slowed(client: Browser) -> None:
    codes = [client.post(f"{URL}/password", {**NEW, "current": "wrong"}).status_code for _ in range(11)]

    assert codes == [422] * 10 + [429]


def test_ending_a_session_works_at_its_very_next_request(
    client: Browser, visitor: Browser, session: Session, owner: User
) -> None:
    other = visitor.as_(owner)
    row = session.scalars(select(SignInSession).order_by(SignInSession.created_at.desc())).first()
    assert row is not None
    assert other.get(URL).status_code == 200

    assert client.post(f"{URL}/sessions/{row.id}/deletion").status_code == 303

    assert other.get(URL).status_code == 303
    assert client.post(f"{URL}/sessions/{row.id}/deletion").status_code == 404


def test_all_other_sessions_end_together(client: Browser, visitor: Browser, owner: User) -> None:
    others = [visitor.as_(owner) for _ in range(3)]

    assert client.post(f"{URL}/sessions/deletion").status_code == 303

    assert [other.get(URL).status_code for other in others] == [303, 303, 303]
    assert client.get(URL).status_code == 200


def test_a_session_of_somebody_else_is_not_found(
    client: Browser, visitor: Browser, session: Session, member: User
) -> None:
    visitor.as_(member)
    row = session.scalars(select(SignInSession).where(SignInSession.user_id == member.id)).one()

    assert client.post(f"{URL}/sessions/{row.id}/deletion").status_code == 404
    assert client.post(f"{URL}/sessions/{uuid4()}/deletion").status_code == 404
    assert session.scalars(select(SignInSession).where(SignInSession.user_id == member.id)).one().ended_at is None


def test_the_profile_is_saved_and_only_what_changed_is_logged(client: Browser, session: Session, owner: User) -> None:
    form = {"display_name": "Olga Owner", "email": "Olga@Example.org", "first_name": "", "last_name": ""}

    assert client.post(URL, form).status_code == 303
    assert client.post(URL, form).status_code == 303

    row = saved(session, owner)
    assert (row.display_name, row.email) == ("Olga Owner", "olga@example.org")
    entry = session.scalars(select(Change)).one()
    assert {each["field"] for each in entry.fields} == {"display_name", "email"}


def test_an_email_another_account_has_is_refused(client: Browser, session: Session) -> None:
    other = make_user(session, "other")
    other.email = "x@example.org"
    session.commit()

    answer = client.post(URL, {"display_name": "Olga", "email": "X@example.org"})

    assert answer.status_code == 422
    assert "Another account has this e-mail address." in answer.get_data(as_text=True)


def test_last_seen_is_noted_at_most_once_a_minute(client: Browser, session: Session) -> None:
    start = session.scalars(select(SignInSession)).one().last_seen_at
    with time_machine.travel(utcnow() + timedelta(seconds=30)):
        client.get(URL)
    assert session.scalars(select(SignInSession)).one().last_seen_at == start

    with time_machine.travel(utcnow() + timedelta(seconds=90)):
        client.get(URL)
    assert session.scalars(select(SignInSession)).one().last_seen_at > start


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604.1", "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_named_in_words(agent: str, words: str) -> None:
    assert browser(agent) == words
