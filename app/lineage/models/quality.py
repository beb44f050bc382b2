"""Assertions on datasets, their results, and measured metrics."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigInt, BigKey, RealmScoped


class Assertion(RealmScoped, Base):
    """Something that should hold of a dataset or one of its columns; ``digest`` covers column, name and params.

    ``severity`` is that of its newest result.
    """

    __tablename__ = "lineage_assertion"
    __table_args__ = (Index("uq_lineage_assertion_digest", "realm_id", "dataset_id", "digest", unique=True),)

    id: Mapped[BigKey]
    dataset_id: Mapped[int] = mapped_column(ForeignKey("lineage_dataset.id"))
    column: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    params: Mapped[str | None] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(String(16), default="error")
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))


class AssertionResult(RealmScoped, Base):
    """Whether an assertion held in one run; run 0 stands for a report without a run."""

    __tablename__ = "lineage_assertion_result"
    __table_args__ = (
        Index("uq_lineage_assertion_result_run", "realm_id", "assertion_id", "run", unique=True),
        Index("ix_lineage_assertion_result_at", "realm_id", "assertion_id", "at", "event"),
    )

    id: Mapped[BigKey]
    assertion_id: Mapped[int] = mapped_column(ForeignKey("lineage_assertion.id"))
    run: Mapped[int] = mapped_column(BigInt)
    success: Mapped[bool]
    severity: Mapped[str] = mapped_column(String(16), default="error")
    expected: Mapped[str | None] = mapped_column(Text)
    actual: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]
    event: Mapped[int] = mapped_column(BigInt)


class Metric(RealmScoped, Base):
    """Row count and column profile of a dataset as measured in one run (run 0: without a run)."""

    __tablename__ = "lineage_metric"
    __table_args__ = (Index("uq_lineage_metric_run", "realm_id", "dataset_id", "run", unique=True),)

    id: Mapped[BigKey]
    dataset_id: Mapped[int] = mapped_column(ForeignKey("lineage_dataset.id"))
    run: Mapped[int] = mapped_column(BigInt)
    at: Mapped[datetime]
    event: Mapped[int] = mapped_column(BigInt)
    row_count: Mapped[int | None] = mapped_column(BigInt)
    bytes: Mapped[int | None] = mapped_column(BigInt)
    columns: Mapped[str] = mapped_column(Text)
