"""What leaves the database waits for the commit."""

import pytest
from flask import Flask
from sqlalchemy import text

from app.changes.outward import after_commit
from app.db import db


def test_an_effect_waits_for_the_commit(app: Flask) -> None:
    happened: list[str] = []
    with app.app_context():
        session = db.session()
        session.execute(text("SELECT 1"))
        after_commit(session, lambda: happened.append("sent"))
        assert happened == []
        session.commit()
        session.execute(text("SELECT 1"))
        session.commit()

    assert happened == ["sent"]


@pytest.mark.parametrize("nested", [False, True])
def test_what_was_rolled_back_has_no_effect(app: Flask, nested: bool) -> None:
    happened: list[str] = []
    with app.app_context():
        session = db.session()
        after_commit(session, lambda: happened.append("kept"))
        if nested:
            preview = session.begin_nested()
            after_commit(session, lambda: happened.append("preview"))
            preview.rollback()
        else:
            session.execute(text("SELECT 1"))
            session.rollback()
        session.execute(text("SELECT 1"))
        session.commit()

    assert happened == (["kept"] if nested else [])
