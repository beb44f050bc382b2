"""What a tracked run is expected to do: configurations of a job with their steps, and what steps tell."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigInt, BigKey, CreatedAt, Exact, RealmScoped


class JobConfiguration(RealmScoped, Base):
    """One version of the plan of a tag; never changed once made.

    ``provider_id`` is null for plans of the system. ``digest`` holds (provider, tag, version) and is unique;
    ``content`` is the digest of name, steps and metadata in an order of its own, by which the same is known again.
    """

    __tablename__ = "jobs_job_configuration"
    __table_args__ = (
        Index("uq_jobs_job_configuration_digest", "realm_id", "digest", unique=True),
        Index("ix_jobs_job_configuration_tag", "realm_id", "tag", "id"),
        Index("ix_jobs_job_configuration_job", "realm_id", "job_id", "id"),
        Index("ix_jobs_job_configuration_newest", "realm_id", "id"),
    )

    id: Mapped[BigKey]
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs_job.id"))
    provider_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts_user.id"))
    tag: Mapped[str] = mapped_column(Exact)
    name: Mapped[str] = mapped_column(String(200))
    version: Mapped[str] = mapped_column(Text)
    major: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    content: Mapped[bytes] = mapped_column(LargeBinary(16))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    archived_by: Mapped[str | None] = mapped_column(String(100))
    archived_why: Mapped[str | None] = mapped_column(String(500))


class StepConfiguration(RealmScoped, Base):
    """A step of a plan; ``points`` is its weight, ``position`` its place as registered."""

    __tablename__ = "jobs_step_configuration"
    __table_args__ = (Index("uq_jobs_step_configuration_tag", "job_configuration_id", "tag", unique=True),)

    id: Mapped[BigKey]
    job_configuration_id: Mapped[int] = mapped_column(ForeignKey("jobs_job_configuration.id"))
    tag: Mapped[str] = mapped_column(Exact)
    name: Mapped[str] = mapped_column(String(200))
    points: Mapped[int] = mapped_column(BigInt)
    position: Mapped[int]
    required: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime | None]


class MetadataConfiguration(RealmScoped, Base):
    """A value that events of a step may carry: ``kind`` is text, number or link; private ones are not for customers."""

    __tablename__ = "jobs_metadata_configuration"
    __table_args__ = (Index("uq_jobs_metadata_configuration_name", "step_configuration_id", "name", unique=True),)

    id: Mapped[BigKey]
    step_configuration_id: Mapped[int] = mapped_column(ForeignKey("jobs_step_configuration.id"))
    name: Mapped[str] = mapped_column(Exact)
    kind: Mapped[str] = mapped_column(String(8), default="text")
    units: Mapped[str | None] = mapped_column(String(50))
    private: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime | None]
