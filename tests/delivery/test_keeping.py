"""Secrets change hands without a gap, and what is old goes."""

from datetime import timedelta

from time_machine import travel

from app.accounts.models import User
from app.changes.actor import CLI
from app.db import db, scope, utcnow
from app.delivery import retention
from app.delivery.actions import hooks as acts
from app.delivery.models import Attempt, Delivery, State
from tests.delivery.house import House
from tests.delivery.receiver import Receiver


def test_both_secrets_sign_during_the_grace_and_one_after(house: House, receiver: Receiver, owner: User) -> None:
    hook, old = house.hook(owner, receiver.url)
    new = house.act(hook, lambda session, own: acts.rotate(session, own, CLI, grace_hours=24))
    house.change()
    house.work()
    with travel(utcnow() + timedelta(hours=25)):
        house.change()
        house.work()

    during, after = receiver.got
    assert during.signed_by(old)
    assert during.signed_by(new)
    assert not after.signed_by(old)
    assert after.signed_by(new)


def test_old_deliveries_go_and_what_is_pending_stays(house: House, receiver: Receiver, owner: User) -> None:
    house.hook(owner, receiver.url)
    for number in range(5):
        house.change(entity_id=number)
    house.work()
    now = utcnow()
    ages = ((State.SUCCEEDED, 8), (State.SUCCEEDED, 31), (State.FAILED, 31), (State.FAILED, 91), (State.PENDING, 400))
    for delivery, (state, days) in zip(house.deliveries(), ages, strict=True):
        delivery.state, delivery.created_at, delivery.reason = state, now - timedelta(days=days), str(days)
        delivery.finished_at = None if state is State.PENDING else delivery.created_at
        delivery.next_attempt_at = now + timedelta(days=1)
    house.session.commit()

    with house.app.app_context():
        scope(db.session(), house.realm.id)
        assert retention.keep(db.session(), house.realm.id, now) is False
        db.session.commit()

    left = {each.reason: each.request_body is not None for each in house.deliveries()}
    assert left == {"8": False, "31": False, "400": True}
    assert house.session.query(Attempt).count() == 3
    assert house.session.query(Delivery).filter_by(state=State.SUCCEEDED).count() == 1
