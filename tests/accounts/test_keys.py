"""Bearer keys: shown once, kept as a digest, useless from the moment they are over."""

import csv
import hashlib
import io
import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts.models import ApiKey, Role, User
from app.changes.models import Change
from app.db import utcnow
from app.realms.models import CapGrant, Realm
from tests.browser import Browser
from tests.factories import make_grant, make_key, make_membership, make_user

URL = "/r/acme/accounts/keys"
PROBE = "/api/v1/changes"
KEY = re.compile(r"hw_[A-Za-z0-9_-]{43}")
VALID = {"note": "Airflow", "expires": "30", "scopes": ["report"]}


def issue(browser: Browser, **changes: object) -> str:
    answer = browser.post(URL, {**VALID, **changes})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found: list[str] = KEY.findall(answer.get_data(as_text=True))
    return found[0]


def test_a_key_is_shown_once_and_kept_as_a_digest(client: Browser, session: Session) -> None:
    answer = client.post(URL, VALID)

    key = KEY.findall(answer.get_data(as_text=True))[0]
    row = session.scalars(select(ApiKey)).one()
    assert (row.prefix, row.hash) == (key[:11], hashlib.sha256(key.encode()).digest())
    assert (row.note, row.scopes) == ("Airflow", ["report"])
    assert row.expires_at is not None
    assert timedelta(days=29) < row.expires_at - utcnow() < timedelta(days=31)
    assert answer.headers["Cache-Control"] == "no-store"
    listed = client.get(URL).get_data(as_text=True)
    assert key not in listed
    assert f"{key[:11]}*******" in listed


def test_neither_key_nor_digest_is_in_the_change_log(client: Browser, session: Session) -> None:
    key = issue(client)

    rows = session.execute(text("SELECT * FROM changes_change")).all()
    told = "".join(str(row) for row in rows)
    assert "apikey.issued" in told
    assert key not in told
    assert hashlib.sha256(key.encode()).hexdigest() not in told
    assert "(not shown)" in told


def test_the_page_after_issuing_has_lines_for_curl_and_clients(client: Browser) -> None:
    page = client.post(URL, {**VALID, "scopes": ["root"]}).get_data(as_text=True)

    assert "curl -fsS http://localhost/api/v1/lineage" in page
    assert "export OPENLINEAGE_URL=http://localhost" in page
    assert re.search(r"export OPENLINEAGE_API_KEY=hw_", page)
    assert "<code>http://localhost/api/tracker</code>" in page


def test_the_form_offers_only_what_one_holds(visitor: Browser, session: Session, realm: Realm) -> None:
    reader = visitor.as_(make_user(session, "reader", realm, "report"))

    form = reader.get(f"{URL}/new").get_data(as_text=True)

    assert 'value="report"' in form
    assert 'value="auth"' not in form
    assert reader.post(URL, {**VALID, "scopes": ["root"]}).status_code == 422
    assert session.scalars(select(ApiKey)).all() == []


def test_providers_find_writing_jobs_chosen_already(visitor: Browser, session: Session, realm: Realm) -> None:
    provider = make_user(session, "airflow")
    make_membership(session, provider, realm, Role.PROVIDER)
    make_grant(session, provider, realm, "jobs.write")

    form = visitor.as_(provider).get(f"{URL}/new").get_data(as_text=True)

    assert re.search(r"<input checked [^>]*value=\"jobs.write\"", form)


def test_somebody_who_holds_nothing_reads_why_there_is_no_form(visitor: Browser, member: User) -> None:
    assert "You hold nothing a key could do" in visitor.as_(member).get(f"{URL}/new").get_data(as_text=True)


@pytest.mark.parametrize(
    "change", [{"note": " "}, {"note": "x" * 201}, {"scopes": []}, {"scopes": ["nosuch"]}, {"expires": "9999"}]
)
def test_what_is_wrong_is_said_beside_the_field(client: Browser, session: Session, change: dict[str, object]) -> None:
    answer = client.post(URL, {**VALID, **change})

    assert answer.status_code == 422
    assert "your attention" in answer.get_data(as_text=True)
    assert session.scalars(select(ApiKey)).all() == []
    assert session.scalars(select(Change)).all() == []


def test_a_fresh_key_opens_what_its_scope_names(client: Browser, visitor: Browser) -> None:
    assert visitor.api("GET", PROBE, issue(client)).status_code == 200
    assert visitor.api("GET", PROBE, issue(client, scopes=["config"])).status_code == 403


def test_no_key_a_wrong_one_and_a_cookie_alone_are_refused(client: Browser) -> None:
    for key in (None, "hw_" + "x" * 43, "", "é"):
        answer = client.api("GET", PROBE, key)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_opens_no_page(client: Browser, visitor: Browser) -> None:
    answer = visitor.get("/r/acme/realms/", headers={"Authorization": f"Bearer {issue(client)}"})

    assert answer.status_code == 303


def test_an_expired_key_is_refused_at_the_very_next_request(client: Browser, visitor: Browser) -> None:
    key = issue(client, expires="7")

    with time_machine.travel(utcnow() + timedelta(days=6, hours=23)):
        assert visitor.api("GET", PROBE, key).status_code == 200
    with time_machine.travel(utcnow() + timedelta(days=7, seconds=1)):
        assert visitor.api("GET", PROBE, key).status_code == 401


@pytest.mark.parametrize(("how", "word"), [("expiration", "expired"), ("revocation", "revoked")])
def test_a_key_taken_back_is_refused_at_once_and_only_once(
    client: Browser, visitor: Browser, session: Session, how: str, word: str
) -> None:
    key = issue(client)
    row = session.scalars(select(ApiKey)).one()

    assert client.post(f"{URL}/{row.id}/{how}").status_code == 303

    assert visitor.api("GET", PROBE, key).status_code == 401
    again = client.post(f"{URL}/{row.id}/{how}")
    assert again.status_code == 409
    assert f"already {word}" in again.get_data(as_text=True)
    verbs = session.scalars(select(Change.verb).where(Change.kind == "apikey").order_by(Change.id)).all()
    assert verbs == ["apikey.issued", f"apikey.{word}"]


def test_a_new_key_takes_over_and_the_old_one_lives_some_days_more(
    client: Browser, visitor: Browser, session: Session, member: User
) -> None:
    old, start = issue(client), utcnow()
    url = f"{URL}/{session.scalars(select(ApiKey)).one().id}/rotation"
    assert visitor.as_(member).get(url).status_code == visitor.as_(member).post(url, {"days": "1"}).status_code == 404
    assert client.post(url, {"days": "8"}).status_code == 422
    assert "Expire it now" in client.get(url).text

    new = KEY.findall(client.post(url, {"days": "3"}).text)[0]

    first, second = session.scalars(select(ApiKey).order_by(ApiKey.created_at)).all()
    assert (second.note, second.scopes, second.prefix) == (first.note, first.scopes, new[:11])
    for days, works in ((2, (200, 200)), (4, (401, 200)), (31, (401, 401))):
        with time_machine.travel(start + timedelta(days=days)):
            assert tuple(visitor.api("GET", PROBE, key).status_code for key in (old, new)) == works
    assert client.post(url, {"days": "0"}).status_code == 201
    assert client.post(url, {"days": "0"}).status_code == 409
    assert visitor.api("GET", PROBE, old).status_code == 401


def test_an_inactive_owner_silences_the_key(client: Browser, visitor: Browser, session: Session, owner: User) -> None:
    key = issue(client)
    owner.active = False
    session.commit()

    assert visitor.api("GET", PROBE, key).status_code == 401


def test_losing_the_grant_ends_the_power_of_the_key(client: Browser, visitor: Browser, session: Session) -> None:
    key = issue(client)
    session.delete(session.scalars(select(CapGrant)).one())
    session.commit()

    assert visitor.api("GET", PROBE, key).status_code == 403


def test_a_scope_its_owner_does_not_hold_gives_nothing(
    visitor: Browser, session: Session, realm: Realm, member: User
) -> None:
    _row, key = make_key(session, member, realm, "root")

    assert visitor.api("GET", PROBE, key).status_code == 403


def test_keys_of_others_do_not_exist_without_auth(
    visitor: Browser, session: Session, realm: Realm, owner: User, member: User
) -> None:
    row, key = make_key(session, owner, realm, "report")
    other = visitor.as_(member)

    assert other.post(f"{URL}/{row.id}/revocation").status_code == 404
    assert other.post(f"{URL}/{row.id}/expiration").status_code == 404
    assert row.prefix not in other.get(f"{URL}?whose=all").get_data(as_text=True)
    assert visitor.api("GET", PROBE, key).status_code == 200


def test_a_holder_of_auth_sees_and_revokes_keys_of_others(
    visitor: Browser, session: Session, realm: Realm, owner: User
) -> None:
    row, key = make_key(session, owner, realm, "report")
    guard = visitor.as_(make_user(session, "guard", realm, "auth"))

    assert row.prefix in guard.get(f"{URL}?whose=all").get_data(as_text=True)
    assert guard.post(f"{URL}/{row.id}/expiration").status_code == 404
    assert guard.post(f"{URL}/{row.id}/revocation").status_code == 303
    assert visitor.api("GET", PROBE, key).status_code == 401


def test_keys_of_another_realm_are_not_found(
    client: Browser, session: Session, other_realm: Realm, stranger: User
) -> None:
    row, _key = make_key(session, stranger, other_realm, "root")

    assert client.post(f"{URL}/{row.id}/revocation").status_code == 404
    assert client.post(f"{URL}/{uuid4()}/revocation").status_code == 404
    assert row.prefix not in client.get(f"{URL}?whose=all").get_data(as_text=True)


def test_last_use_is_noted_at_most_once_a_minute(client: Browser, visitor: Browser, session: Session) -> None:
    key, start = issue(client), utcnow()
    seen = []
    for seconds in (0, 30, 59, 61):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            visitor.api("GET", PROBE, key)
        seen.append(session.scalars(select(ApiKey)).one().last_used_at)

    assert seen == [start, start, start, start + timedelta(seconds=61)]
    assert session.scalars(select(ApiKey)).one().last_used_from == "127.0.0.1"


def test_the_list_filters_and_exports_what_it_shows(
    client: Browser, session: Session, realm: Realm, owner: User
) -> None:
    make_key(session, owner, realm, "report")
    make_key(session, owner, realm, "root", expires_at=utcnow() - timedelta(days=1))

    rows = list(csv.DictReader(io.StringIO(client.get(f"{URL}?state=expired&format=csv").get_data(as_text=True))))

    assert [(row["state"], row["scopes"]) for row in rows] == [("expired", "root")]
    items = client.get(f"{URL}?format=json").get_json()["items"]
    assert sorted(item["state"] for item in items) == ["expired", "live"]
    assert all(item["key"].endswith("*******") for item in items)
    assert 'id="results"' in client.region(f"{URL}?state=live", "results").get_data(as_text=True)


def test_two_empty_states(client: Browser) -> None:
    assert "No keys yet" in client.get(URL).get_data(as_text=True)
    assert "Nothing matches these filters" in client.get(f"{URL}?q=zzz").get_data(as_text=True)


def test_the_list_goes_on_where_the_page_ended(client: Browser, session: Session, realm: Realm, owner: User) -> None:
    for _ in range(60):
        make_key(session, owner, realm, "report")
    make_grant(session, owner, realm, "auth")

    first = client.get(f"{URL}?limit=40&whose=all").get_data(as_text=True)

    assert first.count("*******") == 40
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = client.get(older[1].replace("&amp;", "&")).get_data(as_text=True)
    assert second.count("*******") == 20
