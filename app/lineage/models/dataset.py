"""Datasets, the storages that hold them, their schemas and other names."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigInt, BigKey, CreatedAt, Exact, RealmScoped, newest_first


class Storage(RealmScoped, Base):
    """A database, bucket or file system inside a location; name null means the location itself."""

    __tablename__ = "lineage_storage"
    __table_args__ = (Index("uq_lineage_storage_digest", "realm_id", "digest", unique=True),)

    id: Mapped[BigKey]
    location_id: Mapped[int] = mapped_column(ForeignKey("locations_location.id"), index=True)
    name: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))


class Dataset(RealmScoped, Base):
    """A table, file, topic or path; identity is (realm, namespace, name), byte for byte, held by ``digest``.

    ``alias_for_dataset_id`` is the canonical dataset of its symlink group, null on the canonical one; ``origin`` is
    reported or referenced; ``facets`` is the index of current facets: name -> [time in us, arrival, digest, deleted];
    ``io_facets`` the same for input and output facets. ``roles`` is a set of input, output, static, as a sorted list.
    """

    __tablename__ = "lineage_dataset"
    __table_args__ = (
        Index("uq_lineage_dataset_digest", "realm_id", "digest", unique=True),
        Index("ix_lineage_dataset_sort_name", "realm_id", "sort_name", "id"),
        Index("ix_lineage_dataset_written", "realm_id", "last_written_at", "id"),
        newest_first("ix_lineage_dataset_written_last", "last_written_at"),
        Index("ix_lineage_dataset_storage", "realm_id", "storage_id", "id"),
        Index("ix_lineage_dataset_alias", "realm_id", "alias_for_dataset_id"),
    )

    id: Mapped[BigKey]
    storage_id: Mapped[int] = mapped_column(ForeignKey("lineage_storage.id"))
    namespace: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    sort_name: Mapped[str] = mapped_column(Exact)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    format: Mapped[str | None] = mapped_column(String(100))
    type: Mapped[str | None] = mapped_column(String(64))
    alias_for_dataset_id: Mapped[int | None] = mapped_column(
        ForeignKey("lineage_dataset.id", deferrable=True, initially="DEFERRED")
    )
    pinned: Mapped[bool] = mapped_column(default=False)
    origin: Mapped[str] = mapped_column(String(16), default="reported")
    roles: Mapped[str] = mapped_column(String(40), default="")
    description: Mapped[str | None] = mapped_column(Text)
    facets: Mapped[str] = mapped_column(Text, default="{}")
    io_facets: Mapped[str] = mapped_column(Text, default="{}")
    lifecycle: Mapped[str | None] = mapped_column(String(32))
    version: Mapped[str | None] = mapped_column(Text)
    schema_id: Mapped[int | None] = mapped_column(BigInt)
    schema_at: Mapped[datetime | None]
    last_written_at: Mapped[datetime | None]
    last_written_run: Mapped[int | None] = mapped_column(BigInt)
    last_read_at: Mapped[datetime | None]
    quality: Mapped[str] = mapped_column(String(8), default="unknown")
    created_at: Mapped[CreatedAt]
    archived_at: Mapped[datetime | None]
    archived_by: Mapped[str | None] = mapped_column(String(100))


class Symlink(RealmScoped, Base):
    """A report that two names are one thing; a wrong one is suppressed, its report stays."""

    __tablename__ = "lineage_symlink"
    __table_args__ = (
        Index("uq_lineage_symlink_pair", "realm_id", "dataset_id", "other_id", "type", unique=True),
        Index("ix_lineage_symlink_other", "realm_id", "other_id"),
    )

    id: Mapped[BigKey]
    dataset_id: Mapped[int] = mapped_column(ForeignKey("lineage_dataset.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("lineage_dataset.id"))
    type: Mapped[str] = mapped_column(String(64), default="")
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    suppressed_at: Mapped[datetime | None]
    suppressed_by: Mapped[str | None] = mapped_column(String(100))
    suppressed_why: Mapped[str | None] = mapped_column(Text)


class Schema(RealmScoped, Base):
    """The fields of a dataset as sent; ``digest`` is a UUIDv5 of them (field order counts, key order does not)."""

    __tablename__ = "lineage_schema"
    __table_args__ = (Index("uq_lineage_schema_digest", "realm_id", "digest", unique=True),)

    id: Mapped[BigKey]
    digest: Mapped[UUID]
    fields: Mapped[str] = mapped_column(Text)


class DatasetSchema(RealmScoped, Base):
    """A stretch of time in which a dataset was reported with one schema; null schema means it was deleted.

    ``direction`` is input, output or static; times come with the arrival of their event, so that ties have an order.
    """

    __tablename__ = "lineage_dataset_schema"
    __table_args__ = (
        Index("ix_lineage_dataset_schema_dataset", "realm_id", "dataset_id", "direction"),
        Index("ix_lineage_dataset_schema_schema", "realm_id", "schema_id", "dataset_id"),
    )

    id: Mapped[BigKey]
    dataset_id: Mapped[int] = mapped_column(ForeignKey("lineage_dataset.id"))
    direction: Mapped[str] = mapped_column(String(8))
    schema_id: Mapped[int | None] = mapped_column(ForeignKey("lineage_schema.id"))
    first_at: Mapped[datetime]
    first_event: Mapped[int] = mapped_column(BigInt)
    last_at: Mapped[datetime]
    last_event: Mapped[int] = mapped_column(BigInt)
    last_run: Mapped[int | None] = mapped_column(BigInt)
