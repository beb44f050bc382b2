"""One message for one receiver, and every attempt to bring it there."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, BigInt, BigKey, CreatedAt, Exact, Key, RealmScoped
from app.delivery.models.hook import Hook


class State(StrEnum):
    """Where a delivery is; the last four are final, and lead to pending by a replay only."""

    PENDING = "pending"
    SENDING = "sending"
    WAITING = "waiting"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Return whether nothing more happens by itself."""
        return self in (State.SUCCEEDED, State.FAILED, State.SKIPPED, State.CANCELLED)


def _only(condition: str) -> Any:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Delivery(RealmScoped, Base):
    """A change on its way to a receiver; ``seq`` is the change, null for a ping and for mail that is ours.

    ``attempts`` counts all attempts, ``tried`` those since the last replay. ``message`` is the mail of a delivery
    without a hook. The token of a callback is kept as hash, and encrypted until the receiver took the message.
    ``request_body`` is what was sent last, secrets apart. ``faults`` counts errors of our own; five park it.
    """

    __tablename__ = "delivery_delivery"
    __table_args__ = (
        Index("uq_delivery_delivery_seq", "realm_id", "hook_id", "seq", unique=True, **_only("NOT test")),
        Index("ix_delivery_delivery_due", "realm_id", "hook_id", "state", "next_attempt_at", "id"),
        Index("ix_delivery_delivery_sending", "realm_id", "lease_until", **_only("state = 'sending'")),
        Index("ix_delivery_delivery_waiting", "realm_id", "deadline_at", **_only("state = 'waiting'")),
        Index("ix_delivery_delivery_parked", "realm_id", "parked_at", **_only("parked_at IS NOT NULL")),
        Index("ix_delivery_delivery_newest", "realm_id", "created_at", "id"),
        Index("ix_delivery_delivery_of_hook", "realm_id", "hook_id", "created_at", "id"),
        Index("ix_delivery_delivery_state", "realm_id", "state", "created_at", "id"),
        Index("ix_delivery_delivery_type", "realm_id", "type", "created_at", "id"),
    )

    id: Mapped[Key]
    hook_id: Mapped[UUID | None] = mapped_column(ForeignKey("delivery_hook.id"))
    sender: Mapped[str] = mapped_column(String(32), default="hook")
    seq: Mapped[int | None] = mapped_column(BigInt)
    type: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(40), default="")
    entity_id: Mapped[str] = mapped_column(Exact, default="")
    label: Mapped[str] = mapped_column(String(300), default="")
    test: Mapped[bool] = mapped_column(default=False)
    replays: Mapped[int] = mapped_column(default=0)
    cause_depth: Mapped[int] = mapped_column(default=0)
    state: Mapped[State]
    reason: Mapped[str | None] = mapped_column(String(40))
    attempts: Mapped[int] = mapped_column(default=0)
    tried: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(40))
    deadline_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
    status: Mapped[int | None]
    request_head: Mapped[str | None] = mapped_column(Text)
    request_body: Mapped[str | None] = mapped_column(Text)
    message: Mapped[dict[str, Any] | None]
    callback_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    callback_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    callback_message: Mapped[str | None] = mapped_column(String(500))
    progress: Mapped[float | None]
    faults: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str | None] = mapped_column(Text)
    parked_at: Mapped[datetime | None]
    hook: Mapped[Hook | None] = relationship(lazy="raise")

    @property
    def message_id(self) -> str:
        """Return the id the receiver sees, the same for all attempts and replays."""
        return f"msg_{self.id.hex}"


class Attempt(RealmScoped, Base):
    """One try: status is null when no answer came, then ``error`` says why; the body is cut to 4 KiB."""

    __tablename__ = "delivery_attempt"
    __table_args__ = (
        Index("uq_delivery_attempt_number", "realm_id", "delivery_id", "number", unique=True),
        Index("ix_delivery_attempt_at", "realm_id", "at"),
    )

    id: Mapped[BigKey]
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("delivery_delivery.id", ondelete="CASCADE"))
    number: Mapped[int]
    at: Mapped[datetime]
    duration_ms: Mapped[int]
    status: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(String(500))
    response_head: Mapped[str | None] = mapped_column(Text)
    response_body: Mapped[str | None] = mapped_column(Text)
