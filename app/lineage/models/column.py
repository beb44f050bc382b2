"""Column lineage: sets of column edges a job reported for an output."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigInt, BigKey, Exact, RealmScoped


class ColumnSet(RealmScoped, Base):
    """A stretch of time in which a job reported one set of column edges for an output dataset.

    Rows of equal ``digest`` share their edges: ``edges_of`` names the first such row. Job 0 stands for a DatasetEvent.
    """

    __tablename__ = "lineage_column_set"
    __table_args__ = (Index("ix_lineage_column_set_output", "realm_id", "dataset_id", "job_id"),)

    id: Mapped[BigKey]
    job_id: Mapped[int] = mapped_column(BigInt)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("lineage_dataset.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    edges_of: Mapped[int] = mapped_column(BigInt)
    first_at: Mapped[datetime]
    first_event: Mapped[int] = mapped_column(BigInt)
    last_at: Mapped[datetime]
    last_event: Mapped[int] = mapped_column(BigInt)


class ColumnEdge(RealmScoped, Base):
    """One input column feeding one output column (null: the whole dataset) within a set."""

    __tablename__ = "lineage_column_edge"
    __table_args__ = (
        Index("ix_lineage_column_edge_set", "realm_id", "set_id"),
        Index("ix_lineage_column_edge_input", "realm_id", "dataset_id", "column"),
    )

    id: Mapped[BigKey]
    set_id: Mapped[int] = mapped_column(ForeignKey("lineage_column_set.id"))
    output_column: Mapped[str | None] = mapped_column(Text)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("lineage_dataset.id"))
    column: Mapped[str] = mapped_column(Exact)
    kinds: Mapped[str] = mapped_column(Text)
