"""What the graph keeps beside the edges: pairs that ever met, rules of noise and grouping, what is expected of data."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import DDL, ForeignKey, Index, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigInt, BigKey, RealmScoped
from app.lineage.models.column import ColumnEdge
from app.lineage.models.edge import Edge


class Touch(RealmScoped, Base):
    """That a job ever read or wrote a dataset: finds the jobs of a dataset without reading its days.

    Kept by a trigger of the database whenever a first Edge row of the pair appears; never taken away.
    """

    __tablename__ = "lineage_touch"
    __table_args__ = (Index("ix_lineage_touch_job", "realm_id", "job_id", "direction", "dataset_id"),)

    realm_id: Mapped[int] = mapped_column(ForeignKey("realms_realm.id"), primary_key=True, autoincrement=False)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("lineage_dataset.id"), primary_key=True, autoincrement=False)
    direction: Mapped[str] = mapped_column(String(8), primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs_job.id"), primary_key=True, autoincrement=False)


class ColumnSource(RealmScoped, Base):
    """That a column set (by ``edges_of``) of a job for a target names a source: the datasets behind its column edges.

    Kept by triggers of the database on ColumnEdge, so that a graph need not read columns.
    """

    __tablename__ = "lineage_column_source"
    __table_args__ = (
        Index("ix_lineage_column_source_source", "realm_id", "dataset_id", "job_id", "target_id"),
        Index("ix_lineage_column_source_job", "realm_id", "job_id", "target_id"),
    )

    realm_id: Mapped[int] = mapped_column(ForeignKey("realms_realm.id"), primary_key=True, autoincrement=False)
    set_id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    dataset_id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    job_id: Mapped[int] = mapped_column(BigInt)
    target_id: Mapped[int] = mapped_column(BigInt)


class GraphRule(RealmScoped, Base):
    """A pattern over namespace and name: ``group`` joins what differs only in it, ``noise`` hides what matches."""

    __tablename__ = "lineage_graph_rule"
    __table_args__ = (Index("ix_lineage_graph_rule_kind", "realm_id", "kind", "position", "id"),)

    id: Mapped[BigKey]
    kind: Mapped[str] = mapped_column(String(8))
    pattern: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(default=0)
    enabled: Mapped[bool] = mapped_column(default=True)


class Expectation(RealmScoped, Base):
    """How often, by when and with how many rows a dataset should be written; set by a person, it wins over the learned.

    ``every_s`` in seconds (60 to 400 days), ``by`` as ``HH:MM`` in ``zone`` (an IANA name).
    """

    __tablename__ = "lineage_expectation"
    __table_args__ = (Index("uq_lineage_expectation_dataset", "realm_id", "dataset_id", unique=True),)

    id: Mapped[BigKey]
    dataset_id: Mapped[int] = mapped_column(ForeignKey("lineage_dataset.id"))
    every_s: Mapped[int | None] = mapped_column(BigInt)
    by: Mapped[str | None] = mapped_column(String(5))
    zone: Mapped[str | None] = mapped_column(String(64))
    min_rows: Mapped[int | None] = mapped_column(BigInt)
    set_by: Mapped[str] = mapped_column(String(100))
    set_at: Mapped[datetime]


class Lateness(RealmScoped, Base):
    """That a dataset is known to be late, so that dataset.late and dataset.recovered are each told once."""

    __tablename__ = "lineage_lateness"

    realm_id: Mapped[int] = mapped_column(ForeignKey("realms_realm.id"), primary_key=True, autoincrement=False)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("lineage_dataset.id"), primary_key=True, autoincrement=False)
    since: Mapped[datetime]


class Retention(RealmScoped, Base):
    """What is no longer kept: ``what`` is events, runs or edges; ``kept_from`` the first UTC day kept whole."""

    __tablename__ = "lineage_retention"

    realm_id: Mapped[int] = mapped_column(ForeignKey("realms_realm.id"), primary_key=True, autoincrement=False)
    what: Mapped[str] = mapped_column(String(16), primary_key=True)
    kept_from: Mapped[date]
    ran_at: Mapped[datetime]
    removed: Mapped[int] = mapped_column(BigInt, default=0)


SQLITE: Final = (
    """CREATE TRIGGER lineage_edge_touches AFTER INSERT ON lineage_edge
    WHEN NOT EXISTS (SELECT 1 FROM lineage_touch t WHERE t.realm_id = NEW.realm_id AND t.dataset_id = NEW.dataset_id
    AND t.direction = NEW.direction AND t.job_id = NEW.job_id) BEGIN
    INSERT INTO lineage_touch (realm_id, dataset_id, direction, job_id)
    VALUES (NEW.realm_id, NEW.dataset_id, NEW.direction, NEW.job_id); END""",
)
POSTGRESQL: Final = (
    """CREATE FUNCTION lineage_touches() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO lineage_touch (realm_id, dataset_id, direction, job_id)
    SELECT DISTINCT n.realm_id, n.dataset_id, n.direction, n.job_id FROM fresh n
    ORDER BY 1, 2, 3, 4 ON CONFLICT DO NOTHING;
    RETURN NULL; END $$""",
    """CREATE TRIGGER lineage_edge_touches AFTER INSERT ON lineage_edge REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION lineage_touches()""",
)
POSTGRESQL_DOWN: Final = (
    "DROP TRIGGER IF EXISTS lineage_edge_touches ON lineage_edge",
    "DROP FUNCTION IF EXISTS lineage_touches",
)

COLUMNS_SQLITE: Final = (
    """CREATE TRIGGER lineage_column_edge_sources AFTER INSERT ON lineage_column_edge
    WHEN NOT EXISTS (SELECT 1 FROM lineage_column_source s WHERE s.realm_id = NEW.realm_id AND s.set_id = NEW.set_id
    AND s.dataset_id = NEW.dataset_id) BEGIN
    INSERT INTO lineage_column_source (realm_id, set_id, dataset_id, job_id, target_id)
    SELECT NEW.realm_id, NEW.set_id, NEW.dataset_id, c.job_id, c.dataset_id
    FROM lineage_column_set c WHERE c.id = NEW.set_id; END""",
    """CREATE TRIGGER lineage_column_edge_gone AFTER DELETE ON lineage_column_edge BEGIN
    DELETE FROM lineage_column_source WHERE realm_id = OLD.realm_id AND set_id = OLD.set_id; END""",
)
COLUMNS_POSTGRESQL: Final = (
    """CREATE FUNCTION lineage_column_sources() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO lineage_column_source (realm_id, set_id, dataset_id, job_id, target_id)
    SELECT DISTINCT n.realm_id, n.set_id, n.dataset_id, c.job_id, c.dataset_id
    FROM fresh n JOIN lineage_column_set c ON c.id = n.set_id ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING;
    RETURN NULL; END $$""",
    """CREATE FUNCTION lineage_column_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM lineage_column_source s USING (SELECT DISTINCT realm_id, set_id FROM gone) g
    WHERE s.realm_id = g.realm_id AND s.set_id = g.set_id;
    RETURN NULL; END $$""",
    """CREATE TRIGGER lineage_column_edge_sources AFTER INSERT ON lineage_column_edge REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION lineage_column_sources()""",
    """CREATE TRIGGER lineage_column_edge_gone AFTER DELETE ON lineage_column_edge REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION lineage_column_gone()""",
)
COLUMNS_POSTGRESQL_DOWN: Final = (
    "DROP TRIGGER IF EXISTS lineage_column_edge_sources ON lineage_column_edge",
    "DROP TRIGGER IF EXISTS lineage_column_edge_gone ON lineage_column_edge",
    "DROP FUNCTION IF EXISTS lineage_column_sources",
    "DROP FUNCTION IF EXISTS lineage_column_gone",
)

for _table, _dialect, _statements in (
    (Edge.__table__, "sqlite", SQLITE),
    (Edge.__table__, "postgresql", POSTGRESQL),
    (ColumnEdge.__table__, "sqlite", COLUMNS_SQLITE),
    (ColumnEdge.__table__, "postgresql", COLUMNS_POSTGRESQL),
):
    for _statement in _statements:
        event.listen(
            _table,
            "after_create",
            DDL(_statement).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]
        )
for _table, _statements in ((Edge.__table__, POSTGRESQL_DOWN), (ColumnEdge.__table__, COLUMNS_POSTGRESQL_DOWN)):
    for _statement in _statements:
        event.listen(
            _table,
            "before_drop",
            DDL(_statement).execute_if(dialect="postgresql"),  # type: ignore[no-untyped-call]
        )
