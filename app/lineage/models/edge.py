"""Edges between jobs and datasets: counted per day from interactions, or claimed."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigInt, BigKey, Exact, RealmScoped


class Edge(RealmScoped, Base):
    """What a job did to a dataset on one UTC day; equal to the sums over its interactions."""

    __tablename__ = "lineage_edge"
    __table_args__ = (
        Index("ix_lineage_edge_dataset", "realm_id", "dataset_id", "direction", "day"),
        Index("ix_lineage_edge_job_day", "realm_id", "job_id", "day"),
    )

    realm_id: Mapped[int] = mapped_column(ForeignKey("realms_realm.id"), primary_key=True, autoincrement=False)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs_job.id"), primary_key=True, autoincrement=False)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("lineage_dataset.id"), primary_key=True, autoincrement=False)
    direction: Mapped[str] = mapped_column(String(8), primary_key=True)
    type: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    runs: Mapped[int]
    rows: Mapped[int] = mapped_column(BigInt)
    bytes: Mapped[int] = mapped_column(BigInt)
    files: Mapped[int] = mapped_column(BigInt)


class Claim(RealmScoped, Base):
    """An edge somebody states rather than one seen in a run: explicit, declared or renamed.

    ``from`` feeds ``to``; kinds are dataset and job; an explicit claim without a source ("known to have none") has
    from_kind none. Current is the claim whose (last_at, last_event) equals the newest report of ``source``
    (``job:5`` or ``dataset:17``).
    """

    __tablename__ = "lineage_claim"
    __table_args__ = (
        Index(
            "uq_lineage_claim_pair",
            "realm_id",
            "evidence",
            "source",
            "from_kind",
            "from_id",
            "from_column",
            "to_kind",
            "to_id",
            "to_column",
            unique=True,
        ),
        Index("ix_lineage_claim_to", "realm_id", "to_kind", "to_id"),
        Index("ix_lineage_claim_from", "realm_id", "from_kind", "from_id"),
    )

    id: Mapped[BigKey]
    evidence: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(40))
    from_kind: Mapped[str] = mapped_column(String(8))
    from_id: Mapped[int] = mapped_column(BigInt)
    from_column: Mapped[str] = mapped_column(Exact, default="")
    to_kind: Mapped[str] = mapped_column(String(8))
    to_id: Mapped[int] = mapped_column(BigInt)
    to_column: Mapped[str] = mapped_column(Exact, default="")
    kinds: Mapped[str] = mapped_column(Text, default="")
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    last_event: Mapped[int] = mapped_column(BigInt)
