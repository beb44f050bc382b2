"""Makes the message of a delivery, with the rights its owner has now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.config import Settings
from app.delivery import payload, places, signing
from app.delivery.actors import kind_of
from app.delivery.links import link, page_of
from app.delivery.models import Delivery, Hook
from app.delivery.reads.recipients import addresses_of
from app.delivery.rights import may_read, standing_of_user
from app.delivery.sealing import unseal
from app.delivery.sending import http, mail
from app.delivery.sending.answer import Answer
from app.realms.models import Realm

PING = "test.ping"
NAME = "Headwater"


@dataclass(frozen=True, slots=True)
class Skip:
    """Why nothing is sent: no_right, owner_inactive or gone."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ready:
    """A message that can be sent with no transaction open; ``head`` and ``body`` are what may be kept of it."""

    message: http.Message | mail.Mail
    head: str
    body: str
    wants_callback: bool = False


def prepare(session: Session, delivery: Delivery, now: datetime) -> Ready | Skip:
    """Return the message, or why none is sent; reads only."""
    if delivery.hook is None:
        return _own_mail(delivery)
    hook = delivery.hook
    standing = standing_of_user(hook.owner, hook.realm_id)
    if standing is None:
        return Skip("owner_inactive")
    if delivery.type != PING and not may_read(session, standing, delivery.kind, delivery.entity_id):
        return Skip("no_right")
    change = session.scalar(select(Change).where(Change.id == delivery.seq)) if delivery.seq else None
    if change is None and delivery.type != PING:
        return Skip("gone")
    told = _message(session, delivery, hook, change, now)
    return _webhook(delivery, hook, told, now) if hook.kind == "webhook" else _mail(session, delivery, hook, told)


def send(ready: Ready) -> Answer:
    """Send it and return how it went."""
    settings: Settings = current_app.config["SETTINGS"]
    if isinstance(ready.message, http.Message):
        return http.send(ready.message, settings)
    return mail.send(ready.message, settings)


def _message(session: Session, delivery: Delivery, hook: Hook, change: Change | None, now: datetime) -> dict[str, Any]:
    realm = session.scalar(select(Realm.shortname).where(Realm.id == hook.realm_id)) or ""
    kind, entity_id, label = delivery.kind, delivery.entity_id, delivery.label
    who, via = (change.who, change.via) if change else (hook.owner.name, "session")
    data: dict[str, Any] = {
        "seq": delivery.seq,
        "realm": realm,
        "entity": {"kind": kind, "id": entity_id, "label": label, "url": page_of(kind, entity_id, realm)},
        "actor": {"kind": kind_of(via), "id": who, "label": who},
        "changes": list(change.fields) if change else [],
        "request_id": change.request_id if change else None,
    }
    if delivery.callback_token is not None:
        data["callback"] = {
            "url": link("api_callbacks.end", delivery=str(delivery.id)),
            "token": unseal(_settings(), delivery.callback_token),
            "expires_at": _text(delivery.deadline_at),
        }
    return {"type": delivery.type, "timestamp": _text(change.at if change else now), "data": data}


def _webhook(delivery: Delivery, hook: Hook, told: Mapping[str, Any], now: datetime) -> Ready:
    target, settings = hook.target, _settings()
    custom = target["body"] == "custom"
    kind = target["content_type"] if custom else "application/json"
    body = payload.body(told)
    if custom:
        given = places.values(told, str(delivery.id), str(hook.id))
        body = places.filled(target["template"], given, as_json=places.is_json(kind)).encode("utf-8", "replace")
    credential = unseal(settings, hook.credential) if hook.credential else ""
    head = {**target["headers"], "Content-Type": kind, "User-Agent": NAME, "Connection": "close"}
    shown = {**head, "Authorization": f"Bearer {payload.HIDDEN}"} if credential else dict(head)
    signed = signing.headers(_keys(hook, now), delivery.message_id, int(now.timestamp()), body)
    if credential:
        head["Authorization"] = f"Bearer {credential}"
    hidden = [credential, (told["data"].get("callback") or {}).get("token", "")]
    return Ready(
        http.Message(target["url"], target["method"], {**head, **signed}, body, hook.request_timeout_s),
        payload.redacted(_lines(f"{target['method']} {target['url']}", {**shown, **signed}), hidden),
        payload.redacted(body.decode("utf-8", "replace"), hidden),
        wants_callback=target["callback"],
    )


def _mail(session: Session, delivery: Delivery, hook: Hook, told: Mapping[str, Any]) -> Ready:
    given = places.values(told, str(delivery.id), str(hook.id))
    subject, text = (places.filled(hook.target[part], given) for part in ("subject", "text"))
    to = addresses_of(session, hook.target["to"])
    return _ready_mail(mail.Mail(to, subject, text, delivery.message_id, hook.request_timeout_s))


def _own_mail(delivery: Delivery) -> Ready:
    said = delivery.message or {}
    return _ready_mail(mail.Mail(said["to"], said["subject"], said["text"], delivery.message_id, 15))


def _ready_mail(made: mail.Mail) -> Ready:
    return Ready(made, _lines("MAIL", {"To": ", ".join(made.to), "Subject": made.subject}), made.text)


def _keys(hook: Hook, now: datetime) -> Sequence[str]:
    """Return the secrets that sign now: the present one, and that before while its grace lasts."""
    sealed = [hook.secret]
    if hook.previous_secret and hook.previous_until and hook.previous_until > now:
        sealed.append(hook.previous_secret)
    return [unseal(_settings(), each) for each in sealed]


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _lines(first: str, head: Mapping[str, str]) -> str:
    return "\n".join([first, *(f"{name}: {value}" for name, value in head.items())])


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
