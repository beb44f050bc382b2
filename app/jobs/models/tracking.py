"""What tracked runs report: events, the state of their steps folded from them, and their log."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigInt, BigKey, CreatedAt, Exact, RealmScoped


class Event(RealmScoped, Base):
    """One report of a run, kept as it came; status and progress are folded by (occurred_at, sequence).

    ``event_metadata`` is JSON text, because order and types of its scalars are kept. ``updates`` is the event this one
    stands in for. ``flags`` are words apart by blanks: ``clock`` (was ahead), ``metadata`` (a value does not fit),
    ``study`` (its program speaks of studies).
    """

    __tablename__ = "jobs_event"
    __table_args__ = (
        Index("uq_jobs_event_sequence", "realm_id", "run", "sequence", unique=True),
        Index("uq_jobs_event_event_id", "realm_id", "run", "event_id", unique=True),
        Index("ix_jobs_event_occurred", "realm_id", "run", "occurred_at", "sequence"),
        Index("ix_jobs_event_time", "realm_id", "occurred_at", "id"),
        Index("ix_jobs_event_updates", "realm_id", "updates"),
    )

    id: Mapped[BigKey]
    run: Mapped[int] = mapped_column(ForeignKey("jobs_run.number"))
    sequence: Mapped[int] = mapped_column(BigInt)
    kind: Mapped[str] = mapped_column(String(8))
    state: Mapped[str | None] = mapped_column(String(16))
    wire_kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200), default="")
    step: Mapped[str | None] = mapped_column(Exact)
    step_configuration_id: Mapped[int | None] = mapped_column(ForeignKey("jobs_step_configuration.id"))
    event_metadata: Mapped[str | None] = mapped_column(Text)
    fraction: Mapped[float | None]
    progress: Mapped[float | None]
    ends: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(500))
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    event_id: Mapped[str | None] = mapped_column(String(200))
    updates: Mapped[int | None] = mapped_column(BigInt)
    flags: Mapped[str] = mapped_column(String(40), default="")
    by: Mapped[str | None] = mapped_column(String(100))


class RunStep(RealmScoped, Base):
    """The state of one step of one run, derived from its events; for OpenLineage runs from its child runs."""

    __tablename__ = "jobs_run_step"

    run: Mapped[int] = mapped_column(ForeignKey("jobs_run.number"), primary_key=True, autoincrement=False)
    tag: Mapped[str] = mapped_column(Exact, primary_key=True)
    position: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    state_at: Mapped[datetime | None]
    state_sequence: Mapped[int | None] = mapped_column(BigInt)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    fraction: Mapped[float | None]
    is_done: Mapped[bool]
    event_metadata: Mapped[str | None] = mapped_column(Text)


class RunTracking(RealmScoped, Base):
    """Where the fold of a tracked run stands, so that an event costs the same after 100,000 others.

    ``fold`` is JSON text of the folded state; ``points`` JSON text [[progress, time in us], ...]: when each value was
    first reached; ``gaps`` the silences in seconds. ``told`` are the notices already written, apart by blanks.
    """

    __tablename__ = "jobs_run_tracking"

    run: Mapped[int] = mapped_column(ForeignKey("jobs_run.number"), primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInt, default=0)
    fold: Mapped[str] = mapped_column(Text, default="{}")
    points: Mapped[str] = mapped_column(Text, default="[]")
    gaps: Mapped[str] = mapped_column(Text, default="[]")
    told: Mapped[str] = mapped_column(String(100), default="")
    log_bytes: Mapped[int] = mapped_column(BigInt, default=0)


class DurationStat(RealmScoped, Base):
    """How the newest completed runs of a job went, for estimates; ``major`` is that of their plan, empty without one.

    ``runs`` are JSON lines: [run, end in us, seconds, [[progress, seconds left]], [[gap, times]], {step: seconds}].
    """

    __tablename__ = "jobs_duration_stat"

    job_id: Mapped[int] = mapped_column(ForeignKey("jobs_job.id"), primary_key=True, autoincrement=False)
    major: Mapped[str] = mapped_column(Exact, primary_key=True)
    runs: Mapped[str] = mapped_column(Text, default="[]")
    updated_at: Mapped[datetime]


class LogChunk(RealmScoped, Base):
    """Some bytes of a run's log at their place."""

    __tablename__ = "jobs_log_chunk"
    __table_args__ = (Index("uq_jobs_log_chunk_offset", "realm_id", "run", "offset", unique=True),)

    id: Mapped[BigKey]
    run: Mapped[int] = mapped_column(ForeignKey("jobs_run.number"))
    offset: Mapped[int] = mapped_column(BigInt)
    size: Mapped[int]
    bytes: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[CreatedAt]
