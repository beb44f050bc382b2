"""A job: something that runs again and again under one name."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigInt, BigKey, CreatedAt, Exact, RealmScoped, newest_first


class Job(RealmScoped, Base):
    """A job at a location; identity is (realm, namespace, name), byte for byte, held by ``digest``.

    ``origin`` is reported, declared (static events only), referenced, derived or tracked; ``role`` is that of its
    newest run. ``facets`` is the index of current facets: name -> [time in us, arrival, digest, deleted].
    ``static_at`` and ``static_event`` are those of the newest JobEvent. ``heartbeat_s``, ``deadline_s`` and ``due_by``
    (HH:MM in ``due_zone``) are its alarms; ``metadata_check`` is off, warn (also when null) or reject.
    """

    __tablename__ = "jobs_job"
    __table_args__ = (
        Index("uq_jobs_job_digest", "realm_id", "digest", unique=True),
        Index("ix_jobs_job_sort_name", "realm_id", "sort_name", "id"),
        Index("ix_jobs_job_last_run_at", "realm_id", "last_run_at", "id"),
        newest_first("ix_jobs_job_last_run_last", "last_run_at"),
        Index("ix_jobs_job_parent", "realm_id", "parent_job_id"),
        Index("ix_jobs_job_location", "realm_id", "location_id", "id"),
    )

    id: Mapped[BigKey]
    location_id: Mapped[int] = mapped_column(ForeignKey("locations_location.id"))
    namespace: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    sort_name: Mapped[str] = mapped_column(Exact)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    type: Mapped[str | None] = mapped_column(String(64))
    integration: Mapped[str | None] = mapped_column(String(64))
    processing_type: Mapped[str | None] = mapped_column(String(32))
    role: Mapped[str] = mapped_column(String(8), default="unit")
    origin: Mapped[str] = mapped_column(String(16), default="reported")
    description: Mapped[str | None] = mapped_column(Text)
    parent_job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs_job.id", deferrable=True, initially="DEFERRED"))
    facets: Mapped[str] = mapped_column(Text, default="{}")
    static_at: Mapped[datetime | None]
    static_event: Mapped[int | None] = mapped_column(BigInt)
    runs: Mapped[int] = mapped_column(default=0)
    last_run_at: Mapped[datetime | None]
    last_run: Mapped[int | None] = mapped_column(BigInt)
    created_at: Mapped[CreatedAt]
    heartbeat_s: Mapped[int | None]
    deadline_s: Mapped[int | None]
    due_by: Mapped[str | None] = mapped_column(String(5))
    due_zone: Mapped[str | None] = mapped_column(String(64))
    metadata_check: Mapped[str | None] = mapped_column(String(8))
    archived_at: Mapped[datetime | None]
    archived_by: Mapped[str | None] = mapped_column(String(100))


class Dependency(RealmScoped, Base):
    """Control flow between two jobs, as reported; never a data edge."""

    __tablename__ = "jobs_dependency"
    __table_args__ = (
        Index("uq_jobs_dependency_pair", "realm_id", "from_job_id", "to_job_id", "type", unique=True),
        Index("ix_jobs_dependency_to", "realm_id", "to_job_id"),
    )

    id: Mapped[BigKey]
    from_job_id: Mapped[int] = mapped_column(ForeignKey("jobs_job.id"))
    to_job_id: Mapped[int] = mapped_column(ForeignKey("jobs_job.id"))
    type: Mapped[str] = mapped_column(String(64), default="")
    rules: Mapped[str | None] = mapped_column(Text)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
