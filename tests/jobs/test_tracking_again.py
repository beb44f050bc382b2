"""A request sent again under the same key is carried out once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import IdempotencyKey
from app.db import utcnow
from app.jobs.models import Event, ShareLink
from tests.jobs.tracking import Program


@pytest.fixture
def run(provider: Program) -> dict[str, Any]:
    """A queued run of the plan of most tests."""
    provider.register()
    return provider.open()


def again(provider: Program, path: str, body: dict[str, Any], key: str = "k1") -> Any:
    """Post with an Idempotency-Key."""
    return provider.post(path, body, headers={"Idempotency-Key": key})


def test_it_is_carried_out_once_and_answered_alike(provider: Program, run: dict[str, Any], session: Session) -> None:
    path, body = f"/runs/{run['id']}/events", {"kind": "info"}
    first, second = again(provider, path, body), again(provider, path, body)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json() == second.get_json()
    assert again(provider, path, body, "k2").get_json()["id"] != first.get_json()["id"]
    assert len(session.scalars(select(Event)).all()) == 2


def test_the_same_key_with_another_request_is_refused(provider: Program, run: dict[str, Any]) -> None:
    path = f"/runs/{run['id']}/events"
    again(provider, path, {"kind": "info"})

    answer = again(provider, path, {"kind": "error"})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "key_reused")
    assert again(provider, path, {"kind": "info"}, "a\tb").status_code == 422


def test_what_was_refused_may_be_sent_again_and_what_was_shown_once_stays_so(
    provider: Program, run: dict[str, Any], session: Session
) -> None:
    path = f"/runs/{run['id']}/shares"
    assert again(provider, path, {"hours": 0}).status_code == 422
    made, repeat = again(provider, path, {"hours": 1}), again(provider, path, {"hours": 1})

    assert made.status_code == 201
    assert (repeat.get_json()["id"], repeat.get_json()["secret"]) == (made.get_json()["id"], None)
    assert made.get_json()["secret"] not in session.scalars(select(IdempotencyKey.answer)).one()
    assert len(session.scalars(select(ShareLink)).all()) == 1


def test_after_a_day_the_key_is_free(provider: Program, run: dict[str, Any], session: Session) -> None:
    path, body = f"/runs/{run['id']}/events", {"kind": "info"}
    first = again(provider, path, body)
    session.scalars(select(IdempotencyKey)).one().expires_at = utcnow() - timedelta(seconds=1)
    session.commit()

    assert again(provider, path, body).get_json()["id"] != first.get_json()["id"]
    assert len(session.scalars(select(IdempotencyKey)).all()) == 1
