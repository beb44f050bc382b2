"""What a run did (Operation) and to which datasets (Interaction)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigInt, Key, RealmScoped


class Operation(RealmScoped, Base):
    """The work of one reporting run (``number``), owned by the unit run it belongs to (``run``).

    ``id`` is the id of the reporting run; ``type`` BATCH, STREAMING or SERVICE.
    """

    __tablename__ = "lineage_operation"
    __table_args__ = (
        Index("uq_lineage_operation_id", "id", unique=True),
        Index("ix_lineage_operation_run", "realm_id", "run", "position", "number"),
        Index("ix_lineage_operation_started", "realm_id", "started_at", "number"),
    )

    number: Mapped[int] = mapped_column(ForeignKey("jobs_run.number"), primary_key=True, autoincrement=False)
    id: Mapped[UUID]
    run: Mapped[int] = mapped_column(ForeignKey("jobs_run.number"))
    status: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(String(16))
    description: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    position: Mapped[int | None]
    group: Mapped[str | None] = mapped_column(Text)
    sql: Mapped[str | None] = mapped_column(Text)
    statement_kind: Mapped[str | None] = mapped_column(String(32))


class Interaction(RealmScoped, Base):
    """One operation reading or writing one dataset, as reported under one job name.

    ``types`` is the comma-joined sorted set behind ``type``; ``days`` the comma-joined UTC days (days since 1970)
    on which an event of the run named the dataset; ``counted_on`` the day that rows, bytes and files count on;
    ``lifecycle`` the types that lifecycleStateChange facets named, which win over SQL; ``append`` that dbt adds to it.
    """

    __tablename__ = "lineage_interaction"
    __table_args__ = (
        Index("uq_lineage_interaction_what", "realm_id", "operation", "job_id", "dataset_id", "direction", unique=True),
        Index("ix_lineage_interaction_dataset", "realm_id", "dataset_id", "direction", "started_at", "id"),
    )

    id: Mapped[Key]
    operation: Mapped[int] = mapped_column(ForeignKey("jobs_run.number"))
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs_job.id"))
    dataset_id: Mapped[int] = mapped_column(ForeignKey("lineage_dataset.id"))
    direction: Mapped[str] = mapped_column(String(8))
    type: Mapped[str] = mapped_column(String(16))
    types: Mapped[str] = mapped_column(String(128))
    lifecycle: Mapped[str] = mapped_column(String(128), default="")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    schema_id: Mapped[int | None] = mapped_column(BigInt)
    schema_at: Mapped[datetime | None]
    connect_as_user_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_user.id"))
    connect_as_name: Mapped[str | None] = mapped_column(String(200))
    num_bytes: Mapped[int | None] = mapped_column(BigInt)
    num_rows: Mapped[int | None] = mapped_column(BigInt)
    num_files: Mapped[int | None] = mapped_column(BigInt)
    counted_on: Mapped[date | None]
    days: Mapped[str] = mapped_column(Text)
    condition: Mapped[str | None] = mapped_column(Text)
