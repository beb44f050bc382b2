"""Hooks and changes as people and slices make them, and a worker that does what is due."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.actor import SYSTEM, Actor
from app.changes.log import record
from app.db import db, scope, utcnow
from app.delivery.actions import hooks as acts
from app.delivery.drafts import HookDraft
from app.delivery.models import Attempt, Delivery, Hook
from app.delivery.queries import hooks as queries
from app.delivery.worker import outbox
from app.delivery.worker.loop import Loop
from app.realms.models import Realm


class House:
    """Makes hooks and changes as people and slices do, and lets a worker do what is due."""

    def __init__(self, app: Flask, session: Session, realm: Realm) -> None:
        self.app, self.session, self.realm = app, session, realm

    def hook(
        self, owner: User, url: str, *on: str, target: dict[str, Any] | None = None, **more: Any
    ) -> tuple[Hook, str]:
        """Make a hook of the owner; returns it and its secret."""
        trigger = more.pop("trigger", {"on": list(on) or ["run.failed"]})
        aim = {**({"type": "webhook", "url": url} if url else {}), **(target or {})}
        with self.app.app_context():
            scope(db.session(), self.realm.id)
            draft = HookDraft(more.pop("name", "to-ci"), trigger, aim, **more)
            hook, secret = acts.create(db.session(), draft, Actor(owner.name, "session"), by_root=True)
            db.session.commit()
            hook_id = hook.id
        found = self.session.get(Hook, hook_id)
        assert found is not None
        return found, secret

    def change(self, verb: str = "run.failed", entity_id: object = 1, label: str = "nightly", **more: Any) -> None:
        """Write a change as a slice does, and commit."""
        with self.app.app_context():
            scope(db.session(), self.realm.id)
            record(db.session(), verb, verb.partition(".")[0], entity_id, label, more.pop("actor", SYSTEM), **more)
            db.session.commit()

    def match(self) -> None:
        """Hold what changed against the hooks, and send nothing."""
        with self.app.app_context():
            while outbox.advance(db.session(), utcnow()):
                db.session.commit()
            db.session.commit()

    def act(self, hook: Hook, action: Callable[[Session, Hook], Any]) -> Any:
        """Do something with a hook as a view does, and commit."""
        with self.app.app_context():
            scope(db.session(), self.realm.id)
            own = db.session.scalar(queries.hook(hook.id))
            assert own is not None
            done = action(db.session(), own)
            db.session.commit()
            return done

    def work(self) -> None:
        """Let a worker do all that is due."""
        Loop(self.app).once()

    def deliveries(self) -> list[Delivery]:
        """Return all deliveries in the order they were made."""
        return list(self.session.scalars(select(Delivery).order_by(Delivery.created_at, Delivery.id)))

    def attempts(self) -> list[Attempt]:
        """Return all attempts in the order they were made."""
        return list(self.session.scalars(select(Attempt).order_by(Attempt.id)))
