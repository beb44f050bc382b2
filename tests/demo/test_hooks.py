"""The hooks of the story are hooks like anyone's."""

from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.db import db, scope
from app.delivery.models import Delivery, Hook, State
from app.demo.hooked import hook
from app.realms.models import Realm


def test_the_story_has_hooks_that_sent_something(app: Flask, session: Session, realm: Realm, owner: User) -> None:
    with app.app_context():
        scope(db.session(), realm.id)
        assert hook(db.session(), realm.id) == 37
        db.session.commit()

    assert {each.owner_id for each in session.query(Hook)} == {owner.id}
    states = [each.state for each in session.query(Delivery)]
    assert states.count(State.SUCCEEDED) > 25
    assert State.FAILED in states
