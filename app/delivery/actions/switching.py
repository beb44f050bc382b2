"""Hooks are enabled and disabled, by people and by what their receivers answer."""

from collections.abc import Sequence

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.actor import Actor
from app.changes.log import record
from app.config import Settings
from app.db import utcnow
from app.delivery.links import link
from app.delivery.models import Delivery, Hook, State
from app.delivery.reads.recipients import holders
from app.realms.models import Realm

WHY = {
    "by_hand": "a person disabled it",
    "failing": "its receiver has not taken anything for too long",
    "gone": "its receiver answered 410: it is gone for good",
    "owner_inactive": "its owner may not enter the realm any more",
    "no_right": "its owner may not read what it sends",
}


def disable(session: Session, hook: Hook, why: str, actor: Actor) -> int:
    """Disable a hook and pause what is pending; returns how many. Unless by hand its people are told. Flushes."""
    hook.enabled, hook.disabled_at, hook.disabled_why = False, utcnow(), why
    session.flush()
    paused = _moved(session, hook, State.PENDING, state=State.PAUSED, reason="hook_disabled")
    record(
        session, "hook.deactivated", "hook", hook.id, hook.name, actor,
        fields=[("enabled", True, False), ("why", None, why), ("paused", None, paused)], realm_id=hook.realm_id,
    )  # fmt: skip
    if why != "by_hand":
        _tell(session, hook, paused)
    return paused


def enable(session: Session, hook: Hook, actor: Actor, *, backlog: bool) -> int:
    """Enable a hook; what is paused is sent with ``backlog``, else cancelled. Returns how many. Flushes."""
    why, now = hook.disabled_why, utcnow()
    hook.enabled, hook.disabled_at, hook.disabled_why = True, None, None
    hook.failures_in_row, hook.failing_since, hook.note = 0, None, None
    session.flush()
    after = {"state": State.PENDING, "reason": None, "next_attempt_at": now, "tried": 0}
    dropped = {"state": State.CANCELLED, "reason": "dropped", "finished_at": now, "callback_token": None}
    moved = _moved(session, hook, State.PAUSED, **(after if backlog else dropped))
    record(
        session, "hook.activated", "hook", hook.id, hook.name, actor,
        fields=[("enabled", False, True), ("why", why, None), ("sent" if backlog else "dropped", None, moved)],
    )  # fmt: skip
    return moved


def mail_later(session: Session, realm_id: int, to: Sequence[str], subject: str, text: str) -> bool:
    """Write down a mail of our own, sent and repeated like any delivery; False when nobody has an address. Flushes."""
    if not to:
        return False
    now = utcnow()
    session.add(Delivery(
        realm_id=realm_id, sender="headwater", type="mail.sent", kind="", label=subject[:300], state=State.PENDING,
        next_attempt_at=now, message={"to": list(to), "subject": subject, "text": text},
    ))  # fmt: skip
    session.flush()
    return True


def _moved(session: Session, hook: Hook, from_: State, **values: object) -> int:
    done = session.execute(
        update(Delivery)
        .where(Delivery.realm_id == hook.realm_id, Delivery.hook_id == hook.id, Delivery.state == from_)
        .values(**values)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def _tell(session: Session, hook: Hook, paused: int) -> None:
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.smtp_url:
        return
    owner = session.scalar(select(User.email).where(User.id == hook.owner_id, User.active))
    realm = session.scalar(select(Realm.shortname).where(Realm.id == hook.realm_id)) or ""
    to = list(dict.fromkeys(one for one in (owner, *holders(session, "delivery.write", "root")) if one))
    text = (
        f"The hook {hook.name} was disabled: {WHY[hook.disabled_why or 'failing']}.\n\n"
        f"{paused:,} deliveries wait. Enable it again, with or without them, at\n{link_to(hook, realm)}\n"
    )
    mail_later(session, hook.realm_id, to, f"Hook disabled: {hook.name}", text)


def link_to(hook: Hook, realm: str) -> str:
    """Return the full URL of a hook's page."""
    return link("hooks.show", realm=realm, hook_id=hook.id)
