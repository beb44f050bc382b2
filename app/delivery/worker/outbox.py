"""Holds every committed change against the hooks, once, and writes down what is to be sent."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, insert, or_, select, text
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts.models import User, UserKind
from app.bulk import insert_rows
from app.changes.models import Change
from app.db import unscoped
from app.delivery.actors import kind_of
from app.delivery.models import Delivery, Hook, Lease, State
from app.delivery.triggers import Seen, wants

NAME: Final = "outbox"
AT_ONCE: Final = 500
DEEPEST: Final = 5
NOWHERE: Final = -1
# Transactions are numbered on PostgreSQL; what lies below this one is all decided, so nothing appears there any more.
SETTLED: Final = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
COLUMNS = (
    Change.id, Change.realm_id, Change.at, Change.who, Change.via, Change.verb, Change.kind, Change.entity_id,
    Change.label, Change.fields, Change.cause, Change.depth, Change.txid,
)  # fmt: skip


def waiting(session: Session) -> bool:
    """Return whether there are changes nobody looked at yet: two statements, no lock."""
    with unscoped(session, "the outbox follows the one log of all realms"):
        place = session.get(Lease, NAME, populate_existing=True)
        if place is None or place.seq == NOWHERE:
            return True
        return session.scalar(_beyond(session, place).with_only_columns(Change.id).limit(1)) is not None


def advance(session: Session, now: datetime) -> int:
    """Take in the next changes and return how many deliveries and changes there were; flushes, does not commit.

    Whoever holds the row of the outbox is alone; another worker finds it locked and goes on. How far it got is
    written in the same transaction as the deliveries: none is missing and none is made twice.
    """
    with unscoped(session, "the outbox follows the one log of all realms"):
        place = _place(session)
        if place is None:
            return 0
        # Changes first, hooks next: a hook that was there before a change is then always seen.
        end = _end(session, place)
        found = session.execute(_beyond(session, place).limit(AT_ONCE)).all()
        hooks = session.scalars(select(Hook).where(Hook.enabled)).all()
        if place.seq == NOWHERE:
            _begin(session, place, hooks, end)
            found = session.execute(_beyond(session, place).limit(AT_ONCE)).all()
        rows = _rows(session, found, hooks, now) if hooks else []
        if rows:
            session.execute(insert(Delivery), rows)
        _move(place, found, end, now)
        session.flush()
    return len(found)


def _place(session: Session) -> Lease | None:
    if session.get(Lease, NAME) is None:
        insert_rows(
            session.connection(),
            Lease.__table__,
            [{"name": NAME, "holder": None, "until": None, "txid": 0, "seq": NOWHERE, "moved_at": None}],
            conflict=["name"],
        )
    query = select(Lease).where(Lease.name == NAME).with_for_update(skip_locked=True)
    return session.scalar(query.execution_options(populate_existing=True))


def _numbered(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _beyond(session: Session, place: Lease) -> Select[Any]:
    if not _numbered(session):
        return select(*COLUMNS).where(Change.id > place.seq).order_by(Change.id)
    further: ColumnElement[bool] = or_(Change.txid > place.txid, and_(Change.txid == place.txid, Change.id > place.seq))
    decided = Change.txid < text(SETTLED)
    return select(*COLUMNS).where(Change.txid >= place.txid, further, decided).order_by(Change.txid, Change.id)


def _end(session: Session, place: Lease) -> tuple[int, int]:
    """Return a place behind which nothing lies yet; asked before anything is read."""
    if _numbered(session):
        return int(session.scalar(text(f"SELECT {SETTLED}")) or 1) - 1, 2**62
    return 0, session.scalar(select(func.max(Change.id)).limit(1)) or max(place.seq, 0)


def _begin(session: Session, place: Lease, hooks: Sequence[Hook], end: tuple[int, int]) -> None:
    """Begin where the oldest hook begins; without hooks at the end."""
    place.txid, place.seq = end
    if hooks:
        first = min(hook.since_seq for hook in hooks)
        place.txid, place.seq = 0, first
        if _numbered(session):
            place.txid = session.scalar(select(Change.txid).where(Change.id == first)) or 0


def _move(place: Lease, found: Sequence[Any], end: tuple[int, int], now: datetime) -> None:
    if found:
        place.txid, place.seq = found[-1].txid or 0, found[-1].id
    elif end > (place.txid, place.seq) and place.txid:
        place.txid, place.seq = end
    place.moved_at = now


def _rows(session: Session, found: Iterable[Any], hooks: Sequence[Hook], now: datetime) -> list[dict[str, Any]]:
    of_realm: defaultdict[int, list[Hook]] = defaultdict(list)
    for hook in hooks:
        of_realm[hook.realm_id].append(hook)
    wanted = [change for change in found if change.realm_id in of_realm]
    services, causes = _services(session, wanted), _causes(session, wanted)
    rows = []
    for change in wanted:
        seen = seen_of(change, services)
        for hook in of_realm[change.realm_id]:
            if change.id > hook.since_seq and _matches(hook, seen):
                looping = change.depth >= DEEPEST or causes.get(change.cause) == hook.id
                rows.append(_row(hook, change, now, looping=looping))
    return rows


def seen_of(change: Any, services: frozenset[str] = frozenset()) -> Seen:
    """Return a change as triggers see it; ``services`` are names of accounts that are programs."""
    kinds = {kind_of(change.via)} | ({"service"} if change.who in services else set())
    fields = list(change.fields or ())
    return Seen(change.verb, change.kind, change.entity_id, change.label, change.who, frozenset(kinds), fields)


def _matches(hook: Hook, seen: Seen) -> bool:
    try:
        return wants(hook.trigger, seen)
    except Exception as error:  # noqa: BLE001 - one bad trigger must not hold up the others
        hook.note = f"{seen.verb} could not be held against the trigger: {type(error).__name__}"[:500]
        return False


def _services(session: Session, changes: Sequence[Any]) -> frozenset[str]:
    names = {change.who for change in changes if kind_of(change.via) == "key"}
    if not names:
        return frozenset()
    return frozenset(session.scalars(select(User.name).where(User.name.in_(names), User.kind == UserKind.SERVICE)))


def _causes(session: Session, changes: Sequence[Any]) -> dict[str, Any]:
    ids = [UUID(cause) for cause in {change.cause for change in changes if change.cause}]
    if not ids:
        return {}
    found = session.execute(select(Delivery.id, Delivery.hook_id).where(Delivery.id.in_(ids)))
    return {str(delivery_id): hook_id for delivery_id, hook_id in found}


def _row(hook: Hook, change: Any, now: datetime, *, looping: bool) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "realm_id": hook.realm_id,
        "hook_id": hook.id,
        "seq": change.id,
        "type": change.verb,
        "kind": change.kind,
        "entity_id": change.entity_id,
        "label": change.label,
        "cause_depth": change.depth,
        "state": State.SKIPPED if looping else State.PENDING,
        "reason": "loop" if looping else None,
        "next_attempt_at": now,
        "deadline_at": now + timedelta(seconds=hook.timeout),
        "finished_at": now if looping else None,
        "created_at": now,
    }
