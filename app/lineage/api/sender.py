"""Who sends events: found in a read transaction that is over before the body is looked at."""

from typing import NamedTuple

from flask import current_app, g, request
from werkzeug.exceptions import Unauthorized

from app.changes.actor import Actor
from app.config import Settings
from app.db import db, unscoped
from app.realms import queries
from app.web.guard import Allow, Denied, Mark
from app.web.identity import identity

MARK = Mark("needs", ("lineage.write",))


class Sender(NamedTuple):
    """The realm events go to, who is named in the change log, and the prefix of the key."""

    realm_id: int
    realm: str
    actor: Actor
    key: str | None


def settings() -> Settings:
    """Return the settings of the running application."""
    found: Settings = current_app.config["SETTINGS"]
    return found


def find_sender() -> Sender:
    """Return who the request speaks for; raises Unauthorized (401) or Denied (403).

    Its transaction only reads and is ended, so that nothing is held while the body is unpacked and parsed.
    """
    session = db.session()
    session.info["read_only"] = True
    try:
        found = _find()
        # Not by a rollback: after one, the driver of PostgreSQL forgets the statements it has prepared.
        session.commit()
        return found
    finally:
        session.close()
        session.info["read_only"] = False


def _find() -> Sender:
    who = identity()
    if who is None:
        return _without_key()
    allow: Allow = current_app.extensions["headwater.allow"]
    verdict = allow(MARK, who)
    if not verdict.allowed:
        raise Denied(verdict)
    actor = Actor(who.name, who.via, g.get("request_id"), request.remote_addr)
    return Sender(g.realm.id, g.realm.shortname, actor, who.key.prefix if who.key else None)


def _without_key() -> Sender:
    name = settings().ingest_open
    session = db.session()
    with unscoped(session, "events without a key go to the one realm that is open for trials"):
        realm = session.scalar(queries.realm_named(name)) if name and not request.headers.get("Authorization") else None
    if realm is None:
        raise Unauthorized(www_authenticate=None)
    return Sender(realm.id, realm.shortname, Actor("SYSTEM", "open", g.get("request_id"), request.remote_addr), None)


def banner() -> str | None:
    """Return the warning of a realm that takes events without a key."""
    name = settings().ingest_open
    realm = g.get("realm")
    if not name or (realm is not None and realm.shortname.lower() != name.lower()):
        return None
    return f"Realm {name} takes events without a key. This is for trials; unset HEADWATER_INGEST_OPEN to end it."
