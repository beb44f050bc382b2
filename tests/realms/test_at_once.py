"""Many grants and revocations at once: whatever wins, rows and log tell one story and a root stays."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.models import Change
from app.realms.models import CapGrant, Realm
from tests.factories import make_grant, make_key, make_user

URL = "/api/v1/realms/grants"
CAPS = ["report", "config", "auth"]


def test_64_grants_and_revocations_leave_a_consistent_log(
    app: Flask, session: Session, realm: Realm, owner: User, member: User
) -> None:
    headers = {"Authorization": f"Bearer {make_key(session, owner, realm, 'root')[1]}"}

    def ask(number: int) -> int:
        body = {"user": member.name, "caps": CAPS[: number % 3 + 1]}
        url = URL if number % 2 else f"{URL}/revocation"
        return app.test_client().post(url, json=body, headers=headers).status_code

    with ThreadPoolExecutor(16) as threads:
        answers = Counter(threads.map(ask, range(64)))

    assert set(answers) <= {200, 201, 422}
    held = session.scalars(select(CapGrant.cap).where(CapGrant.user_id == member.id)).all()
    assert len(held) == len(set(held))
    log = session.scalars(select(Change).where(Change.kind == "capgrant").order_by(Change.id)).all()
    standing: dict[str, int] = {}
    for row in log:
        cap = row.label.rpartition(": ")[2]
        standing[cap] = standing.get(cap, 0) + (1 if row.verb == "capgrant.granted" else -1)
        assert standing[cap] in (0, 1), "a grant was doubled, or taken twice"
    assert {cap for cap, number in standing.items() if number} == set(held)


def test_two_roots_who_revoke_each_other_at_once_leave_one(
    app: Flask, session: Session, realm: Realm, owner: User
) -> None:
    other = make_user(session, "other", realm)
    rows = [make_grant(session, other, realm, "root").id]
    rows += session.scalars(select(CapGrant.id).where(CapGrant.user_id == owner.id)).all()
    keys = [make_key(session, user, realm, "root")[1] for user in (owner, other)]

    def revoke(pair: tuple[int, str]) -> int:
        headers = {"Authorization": f"Bearer {pair[1]}"}
        return app.test_client().delete(f"{URL}/{pair[0]}", headers=headers).status_code

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(revoke, zip(rows, keys, strict=True)))

    assert answers[0] == 204
    assert answers[1] in (403, 409)
    assert session.scalars(select(CapGrant).where(CapGrant.cap == "root")).one()
