"""Queries that a tenant's rows only join stay within the realm too."""

from flask import Flask

from app.accounts.models import User
from app.db import db, scope, utcnow
from app.realms.models import Realm
from app.realms.queries import effective_roots, grantors


def test_who_can_grant_names_nobody_of_another_realm(app: Flask, realm: Realm, owner: User, stranger: User) -> None:
    with app.app_context():
        scope(db.session(), realm.id)

        assert db.session.scalars(grantors("report", utcnow())).all() == [owner.name]
        assert db.session.scalars(effective_roots(utcnow())).all() == [owner.id]
    assert stranger.name != owner.name
