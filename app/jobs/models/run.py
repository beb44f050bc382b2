"""One execution of a job."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from app.db import Base, BigInt, BigKey, RealmScoped

ATTEMPT = ("provider_id", "external_id", "attempt")
TRACKED, ORDERED = "provider_id IS NOT NULL", "customer_id IS NOT NULL"


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class RunStatus(StrEnum):
    """The state of a run, stored by value."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        """Return whether the run has ended."""
        return self in {RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED}


class Runner(RealmScoped, Base):
    """The engine that carried out runs: name and version at a location."""

    __tablename__ = "jobs_runner"
    __table_args__ = (Index("uq_jobs_runner_digest", "realm_id", "digest", unique=True),)

    id: Mapped[BigKey]
    location_id: Mapped[int] = mapped_column(ForeignKey("locations_location.id"))
    type: Mapped[str] = mapped_column(String(200))
    version: Mapped[str | None] = mapped_column(String(200))
    adapter_version: Mapped[str | None] = mapped_column(String(200))
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))


class Run(RealmScoped, Base):
    """One execution. ``number`` is the key other tables use; ``id`` is the UUID that URLs show.

    ``began_at`` is started_at, else the first event, else a guess for a run only named as parent: the list sorts by it.
    ``last_event_at`` and ``last_event`` (arrival) order the events of the run; ``end_event`` is the arrival of the
    deciding end. ``role`` is unit or part, ``origin`` reported, referenced, derived or tracked.
    ``progress`` is 0 to 100 or null, ``progress_kind`` steps, children, estimated or reported. An open run is stalled
    once ``silent_until`` has passed (null when it ended) and late once ``deadline_at`` has. ``next_attempt`` is the
    number of the attempt that came after it: lists show the newest.
    """

    __tablename__ = "jobs_run"
    __table_args__ = (
        Index("uq_jobs_run_id", "id", unique=True),
        Index("uq_jobs_run_digest", "realm_id", "digest", unique=True),
        Index("ix_jobs_run_began", "realm_id", "role", "began_at", "number"),
        Index("ix_jobs_run_number", "realm_id", "number"),
        Index("ix_jobs_run_job", "realm_id", "job_id", "began_at", "number"),
        Index("ix_jobs_run_status", "realm_id", "status", "role", "began_at", "number"),
        Index("ix_jobs_run_parent", "realm_id", "parent_run"),
        Index("ix_jobs_run_external", "realm_id", "external_id"),
        Index(
            "uq_jobs_run_attempt", "realm_id", "provider_id", "external_id", "attempt", unique=True, **_where(TRACKED)
        ),
        Index("ix_jobs_run_provider", "realm_id", "provider_id", "began_at", "number", **_where(TRACKED)),
        Index(
            "ix_jobs_run_customer", "realm_id", "customer_id", "began_at", "number", **_where("customer_id IS NOT NULL")
        ),
        Index("ix_jobs_run_silent", "realm_id", "silent_until", "number", **_where("silent_until IS NOT NULL")),
        Index("ix_jobs_run_deadline", "realm_id", "deadline_at", "number", **_where("deadline_at IS NOT NULL")),
    )

    number: Mapped[BigKey]
    id: Mapped[UUID] = mapped_column(default=uuid7)
    reported_id: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs_job.id"))
    runner_id: Mapped[int | None] = mapped_column(ForeignKey("jobs_runner.id"))
    status: Mapped[str] = mapped_column(String(16))
    role: Mapped[str] = mapped_column(String(8))
    origin: Mapped[str] = mapped_column(String(16))
    name: Mapped[str | None] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(String(200))
    parent_run: Mapped[int | None] = mapped_column(ForeignKey("jobs_run.number", deferrable=True, initially="DEFERRED"))
    root_run: Mapped[int | None] = mapped_column(BigInt)
    attempt: Mapped[int | None]
    description: Mapped[str | None] = mapped_column(Text)
    log_url: Mapped[str | None] = mapped_column(Text)
    started_by_user_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_user.id"))
    started_by_name: Mapped[str | None] = mapped_column(String(200))
    integration: Mapped[str | None] = mapped_column(String(64))
    job_type: Mapped[str | None] = mapped_column(String(64))
    processing_type: Mapped[str | None] = mapped_column(String(32))
    began_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None] = mapped_column(String(500))
    nominal_start_at: Mapped[datetime | None]
    nominal_end_at: Mapped[datetime | None]
    first_event_at: Mapped[datetime | None]
    last_event_at: Mapped[datetime | None]
    last_event: Mapped[int | None] = mapped_column(BigInt)
    end_event: Mapped[int | None] = mapped_column(BigInt)
    last_seen_at: Mapped[datetime]
    provider_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts_user.id"))
    customer_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts_user.id"))
    job_configuration_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("jobs_job_configuration.id"))
    progress: Mapped[float | None]
    progress_kind: Mapped[str | None] = mapped_column(String(12))
    step: Mapped[str | None] = mapped_column(String(200))
    silent_until: Mapped[datetime | None]
    eta_at: Mapped[datetime | None]
    eta_high_at: Mapped[datetime | None]
    deadline_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
    cancel_requested_by: Mapped[str | None] = mapped_column(String(100))
    cancel_requested_why: Mapped[str | None] = mapped_column(String(500))
    ended_by: Mapped[str | None] = mapped_column(String(100))
    next_attempt: Mapped[int | None] = mapped_column(BigInt)
    dismissed_at: Mapped[datetime | None]
    dismissed_by: Mapped[str | None] = mapped_column(String(100))
    dismissed_why: Mapped[str | None] = mapped_column(String(500))
    archived_at: Mapped[datetime | None]
    archived_by: Mapped[str | None] = mapped_column(String(100))


class RunDetail(RealmScoped, Base):
    """What the list of runs does not need: current facets and how many events of each type came.

    ``facets``: name -> [time in us, arrival, body]; ``events``: type -> count, both JSON text.
    """

    __tablename__ = "jobs_run_detail"

    run: Mapped[int] = mapped_column(ForeignKey("jobs_run.number"), primary_key=True, autoincrement=False)
    facets: Mapped[str] = mapped_column(Text)
    events: Mapped[str] = mapped_column(Text)


class RunJob(RealmScoped, Base):
    """A job name that a run carried."""

    __tablename__ = "jobs_run_job"
    __table_args__ = (Index("ix_jobs_run_job_job", "realm_id", "job_id", "run"),)

    run: Mapped[int] = mapped_column(ForeignKey("jobs_run.number"), primary_key=True, autoincrement=False)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs_job.id"), primary_key=True, autoincrement=False)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
