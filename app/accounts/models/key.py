"""Bearer keys, with which programs speak for an account in one realm."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models.user import User
from app.db import Base, BigInt, CreatedAt, Digest, Key, Name, RealmScoped


class ApiKey(RealmScoped, Base):
    """A key ``hw_`` + 43 characters; only its SHA-256 and its first 11 characters are kept."""

    __tablename__ = "accounts_api_key"
    __table_args__ = (
        Index("ix_accounts_api_key_owner", "realm_id", "user_id", "created_at", "id"),
        Index("ix_accounts_api_key_newest", "realm_id", "created_at", "id"),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts_user.id"), index=True)
    note: Mapped[Name]
    prefix: Mapped[str] = mapped_column(String(11))
    hash: Mapped[Digest] = mapped_column(unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    last_used_from: Mapped[str | None] = mapped_column(String(45))
    revoked_at: Mapped[datetime | None]
    user: Mapped[User] = relationship(lazy="raise")

    def state(self, now: datetime) -> str:
        """Return ``live``, ``expired`` or ``revoked`` as of a moment."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "live"
