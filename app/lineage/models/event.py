"""Events as they came, those that were refused, and files taken in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigInt, BigKey, RealmScoped


class RawEvent(RealmScoped, Base):
    """An accepted event; ``id`` rises in order of arrival, ``digest`` is SHA-256 of its canonical JSON."""

    __tablename__ = "lineage_raw_event"
    __table_args__ = (
        Index("uq_lineage_raw_event_digest", "realm_id", "digest", unique=True),
        Index("ix_lineage_raw_event_run", "realm_id", "run", "id"),
        Index("ix_lineage_raw_event_received", "realm_id", "received_at", "id"),
    )

    id: Mapped[BigKey]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    received_at: Mapped[datetime]
    event_time: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(8))
    event_type: Mapped[str | None] = mapped_column(String(64))
    run: Mapped[int | None] = mapped_column(BigInt)
    job_id: Mapped[int | None] = mapped_column(BigInt)
    dataset_id: Mapped[int | None] = mapped_column(BigInt)
    source: Mapped[str] = mapped_column(String(8))
    source_ref: Mapped[str | None] = mapped_column(Text)
    key: Mapped[str | None] = mapped_column(String(16))
    producer: Mapped[str | None] = mapped_column(Text)
    size: Mapped[int]
    body: Mapped[str] = mapped_column(Text)


class Rejection(RealmScoped, Base):
    """A refused body: why, where in it, and as much of it as was kept (whole up to 1 MiB, else 64 KiB and ``cut``)."""

    __tablename__ = "lineage_rejection"
    __table_args__ = (Index("ix_lineage_rejection_received", "realm_id", "received_at", "id"),)

    id: Mapped[BigKey]
    received_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(8))
    source_ref: Mapped[str | None] = mapped_column(Text)
    key: Mapped[str | None] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(32))
    path: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    cut: Mapped[bool] = mapped_column(default=False)
    replayed_at: Mapped[datetime | None]
    replayed_event: Mapped[int | None] = mapped_column(BigInt)


class Import(RealmScoped, Base):
    """A file on its way in: how far it got (``position`` in events, ``offset`` in bytes), and what came of it.

    ``spooled`` is the path of an uploaded copy, null for a file the command reads where it lies; ``lease_until`` keeps
    a second process from taking the same upload in; ``first_rejected`` is a JSON list of the first twenty
    {ref, code, path, detail}. State is waiting, running, done, failed or stopped.
    """

    __tablename__ = "lineage_import"
    __table_args__ = (
        Index("ix_lineage_import_fingerprint", "realm_id", "fingerprint"),
        Index("ix_lineage_import_created", "realm_id", "created_at", "id"),
    )

    id: Mapped[BigKey]
    name: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInt, default=0)
    offset: Mapped[int] = mapped_column(BigInt, default=0)
    position: Mapped[int] = mapped_column(BigInt, default=0)
    accepted: Mapped[int] = mapped_column(BigInt, default=0)
    duplicates: Mapped[int] = mapped_column(BigInt, default=0)
    rejected: Mapped[int] = mapped_column(BigInt, default=0)
    first_rejected: Mapped[str] = mapped_column(Text, default="[]")
    state: Mapped[str] = mapped_column(String(16))
    error: Mapped[str | None] = mapped_column(Text)
    spooled: Mapped[str | None] = mapped_column(Text)
    lease_until: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Intake(RealmScoped, Base):
    """What came in within one hour from one source, key and producer; ``lag`` is the sum in seconds over accepted."""

    __tablename__ = "lineage_intake"

    realm_id: Mapped[int] = mapped_column(ForeignKey("realms_realm.id"), primary_key=True, autoincrement=False)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(8), primary_key=True)
    key: Mapped[str] = mapped_column(String(16), primary_key=True, default="")
    producer: Mapped[str] = mapped_column(String(200), primary_key=True, default="")
    accepted: Mapped[int] = mapped_column(BigInt)
    duplicates: Mapped[int] = mapped_column(BigInt)
    rejected: Mapped[int] = mapped_column(BigInt)
    lag: Mapped[int] = mapped_column(BigInt)
    bytes: Mapped[int] = mapped_column(BigInt)
