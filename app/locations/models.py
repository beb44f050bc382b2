"""Where things live: a system (Location) and the addresses it was reported under."""

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigKey, CreatedAt, Exact, RealmScoped


class Location(RealmScoped, Base):
    """A system that holds data or runs jobs: one database server, bucket host, cluster or scheduler.

    ``digest`` is the first 16 bytes of SHA-256 over type, NUL and name; ``merged_into_id`` redirects.
    """

    __tablename__ = "locations_location"
    __table_args__ = (
        Index("uq_locations_location_digest", "realm_id", "digest", unique=True),
        Index("ix_locations_location_sort", "realm_id", "sort_name", "id"),
    )

    id: Mapped[BigKey]
    type: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(Text)
    sort_name: Mapped[str] = mapped_column(Exact)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    external_id: Mapped[str] = mapped_column(String(200), default="")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("locations_location.id"), index=True)
    created_at: Mapped[CreatedAt]


class Address(RealmScoped, Base):
    """One spelling under which a location was reported; ``digest`` covers the whole text."""

    __tablename__ = "locations_address"
    __table_args__ = (Index("uq_locations_address_digest", "realm_id", "digest", unique=True),)

    id: Mapped[BigKey]
    location_id: Mapped[int] = mapped_column(ForeignKey("locations_location.id"), index=True)
    url: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
