"""Who works in the background, what they share, and what is due."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigInt, Exact, Key, RealmScoped


class Worker(Base):
    """A process that works; forgotten after a day of silence. ``tasks`` are the names of what it knows, by blanks."""

    __tablename__ = "delivery_worker"
    unscoped_because: ClassVar[str] = "a worker works for the whole installation"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100))
    host: Mapped[str] = mapped_column(String(255))
    version: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    tasks: Mapped[str] = mapped_column(Text, default="")


class Lease(Base):
    """What one worker at a time may do; of the outbox also how far the change log was read.

    ``txid`` is 0 on SQLite, where rows appear in the order of their ids.
    """

    __tablename__ = "delivery_lease"
    unscoped_because: ClassVar[str] = "the installation has one outbox and one embedded worker"

    name: Mapped[str] = mapped_column(Exact, primary_key=True)
    holder: Mapped[UUID | None]
    until: Mapped[datetime | None]
    txid: Mapped[int] = mapped_column(BigInt, default=0)
    seq: Mapped[int] = mapped_column(BigInt, default=0)
    moved_at: Mapped[datetime | None]


class Turn(RealmScoped, Base):
    """When a task is due in a realm, and how it went; ``tries`` counts failures in a row, five park it for an hour."""

    __tablename__ = "delivery_turn"
    __table_args__ = (Index("ix_delivery_turn_due", "realm_id", "due_at"),)

    realm_id: Mapped[int] = mapped_column(ForeignKey("realms_realm.id"), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Exact, primary_key=True)
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    took_ms: Mapped[int | None]
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    parked_at: Mapped[datetime | None]
