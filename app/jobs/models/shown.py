"""Links by which people without an account see a run, and badges of runs and jobs."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigInt, CreatedAt, Digest, Key, RealmScoped


class ShareLink(RealmScoped, Base):
    """A read-only page of one run and its later attempts; only the SHA-256 of the token is kept."""

    __tablename__ = "jobs_share_link"
    __table_args__ = (Index("ix_jobs_share_link_run", "realm_id", "run", "created_at", "id"),)

    id: Mapped[Key]
    run: Mapped[int] = mapped_column(BigInt, ForeignKey("jobs_run.number"))
    token_hash: Mapped[Digest] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    show_metadata: Mapped[bool]
    show_log: Mapped[bool]
    created_at: Mapped[CreatedAt]
    created_by: Mapped[str] = mapped_column(String(100))
    revoked_at: Mapped[datetime | None]
    opens: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None]
    opened_from: Mapped[str | None] = mapped_column(String(45))


class Badge(RealmScoped, Base):
    """A small picture of the status of a run, or of the newest run of a job."""

    __tablename__ = "jobs_badge"
    __table_args__ = (
        Index("ix_jobs_badge_run", "realm_id", "run", "created_at", "id"),
        Index("ix_jobs_badge_job", "realm_id", "job_id", "created_at", "id"),
    )

    id: Mapped[Key]
    run: Mapped[int | None] = mapped_column(BigInt, ForeignKey("jobs_run.number"))
    job_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("jobs_job.id"))
    token_hash: Mapped[Digest] = mapped_column(unique=True)
    created_at: Mapped[CreatedAt]
    created_by: Mapped[str] = mapped_column(String(100))
    revoked_at: Mapped[datetime | None]
