"""Columns by name and type, and the schemas that have them, so that a column is found without reading schemas."""

from sqlalchemy import ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigKey, Exact, RealmScoped


class SchemaField(RealmScoped, Base):
    """A column name (nested ones by path) with a type; ``digest`` covers both. ``sort_name`` is its beginning."""

    __tablename__ = "lineage_schema_field"
    __table_args__ = (
        Index("uq_lineage_schema_field_digest", "realm_id", "digest", unique=True),
        Index("ix_lineage_schema_field_sort", "realm_id", "sort_name", "id"),
    )

    id: Mapped[BigKey]
    name: Mapped[str] = mapped_column(Text)
    sort_name: Mapped[str] = mapped_column(Exact)
    type: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))


class FieldUse(RealmScoped, Base):
    """That a schema has a column of this name and type."""

    __tablename__ = "lineage_field_use"
    __table_args__ = (Index("ix_lineage_field_use_schema", "realm_id", "schema_id"),)

    realm_id: Mapped[int] = mapped_column(ForeignKey("realms_realm.id"), primary_key=True, autoincrement=False)
    field_id: Mapped[int] = mapped_column(ForeignKey("lineage_schema_field.id"), primary_key=True, autoincrement=False)
    schema_id: Mapped[int] = mapped_column(ForeignKey("lineage_schema.id"), primary_key=True, autoincrement=False)
