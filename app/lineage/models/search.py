"""Words by which datasets, jobs and locations are found."""

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigInt, BigKey, RealmScoped


class SearchEntry(RealmScoped, Base):
    """The search document of one entity: tokens made in Python (see app.web.tokens), so both databases answer alike.

    On SQLite an FTS5 table mirrors ``words``; on PostgreSQL an index over lineage_words(words) does.
    """

    __tablename__ = "lineage_search"
    __table_args__ = (Index("uq_lineage_search_entity", "realm_id", "kind", "entity_id", unique=True),)

    id: Mapped[BigKey]
    kind: Mapped[str] = mapped_column(String(16))
    entity_id: Mapped[int] = mapped_column(BigInt)
    name: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
