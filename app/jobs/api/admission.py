"""Keys of requests that wait at the same time are read once: after they came, so that none works that ended before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from werkzeug.exceptions import HTTPException, Unauthorized

from app.accounts.identify import by_key
from app.changes.actor import Actor
from app.db import db
from app.jobs.queries.sight import sight_of
from app.realms.decision import allow_key
from app.web.guard import Mark, told

if TYPE_CHECKING:
    from app.jobs.api.posted import Posted, Unread
    from app.realms.capabilities import Standing
    from app.web.identity import Identity

WRITES: Final = Mark("needs", ("jobs.write",), later=True)


def admit(many: Iterable[Posted]) -> None:
    """Fill in who speaks, or the error that says no; two statements for each key, in a transaction that only reads."""
    by_text: dict[str, list[Posted]] = {}
    for posted in many:
        if posted.key is not None:
            by_text.setdefault(posted.key.text, []).append(posted)
    if not by_text:
        return
    session = db.session()
    session.info["read_only"] = True
    try:
        for text, same in by_text.items():
            _admit(text, same)
        # Not by a rollback: after one, the driver of PostgreSQL forgets the statements it has prepared.
        session.commit()
    finally:
        session.close()
        session.info["read_only"] = False


def _admit(text: str, same: list[Posted]) -> None:
    try:
        who, standing = _spoken_for(text, same[0].key)
    except HTTPException as error:
        for posted in same:
            posted.error = error
        return
    sight = sight_of(standing)
    for posted in same:
        key = posted.key
        posted.sight, posted.realm_id = sight, standing.realm.id
        posted.actor = Actor(who.name, who.via, key.request_id if key else None, key.address if key else None)


def _spoken_for(text: str, key: Unread | None) -> tuple[Identity, Standing]:
    who = by_key(text, key.address if key is not None else None)
    if who is None or who.key is None:
        raise Unauthorized(www_authenticate=None)
    standing, verdict = allow_key(WRITES, who, who.key.realm_id)
    told(verdict)
    if standing is None:
        raise Unauthorized(www_authenticate=None)
    return who, standing
