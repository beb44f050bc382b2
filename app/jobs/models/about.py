"""What is said about an entity of any kind: facets with history, tags, owners."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigInt, BigKey, Exact, RealmScoped


class Facet(RealmScoped, Base):
    """One content a facet of an entity ever had, from its first to its last report.

    The content itself is a FacetBody of the same digest; which content is current stands on the entity.
    """

    __tablename__ = "jobs_facet"
    __table_args__ = (Index("uq_jobs_facet_version", "realm_id", "kind", "entity_id", "name", "digest", unique=True),)

    id: Mapped[BigKey]
    kind: Mapped[str] = mapped_column(String(16))
    entity_id: Mapped[int] = mapped_column(BigInt)
    name: Mapped[str] = mapped_column(Exact)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    deleted: Mapped[bool]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class FacetBody(RealmScoped, Base):
    """The JSON text of a facet, stored once per content and realm."""

    __tablename__ = "jobs_facet_body"
    __table_args__ = (Index("uq_jobs_facet_body_digest", "realm_id", "digest", unique=True),)

    id: Mapped[BigKey]
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    body: Mapped[str] = mapped_column(Text)


class Tag(RealmScoped, Base):
    """A tag of an entity or of one of its columns; ``source`` is the reporter, or headwater for people."""

    __tablename__ = "jobs_tag"
    __table_args__ = (
        Index("ix_jobs_tag_entity", "realm_id", "kind", "entity_id"),
        Index("ix_jobs_tag_key", "realm_id", "kind", "key", "entity_id"),
    )

    id: Mapped[BigKey]
    kind: Mapped[str] = mapped_column(String(16))
    entity_id: Mapped[int] = mapped_column(BigInt)
    column: Mapped[str | None] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Exact)
    value: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(200))


class Owner(RealmScoped, Base):
    """Who answers for an entity."""

    __tablename__ = "jobs_owner"
    __table_args__ = (
        Index("ix_jobs_owner_entity", "realm_id", "kind", "entity_id"),
        Index("ix_jobs_owner_name", "realm_id", "kind", "name", "entity_id"),
    )

    id: Mapped[BigKey]
    kind: Mapped[str] = mapped_column(String(16))
    entity_id: Mapped[int] = mapped_column(BigInt)
    name: Mapped[str] = mapped_column(Exact)
    type: Mapped[str | None] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(200))


class Description(RealmScoped, Base):
    """What a person says an entity, or one of its columns, is; the reported description stays visible beside it."""

    __tablename__ = "jobs_description"
    __table_args__ = (Index("ix_jobs_description_entity", "realm_id", "kind", "entity_id"),)

    id: Mapped[BigKey]
    kind: Mapped[str] = mapped_column(String(16))
    entity_id: Mapped[int] = mapped_column(BigInt)
    column: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    said_by: Mapped[str] = mapped_column(String(100))
    said_at: Mapped[datetime]
