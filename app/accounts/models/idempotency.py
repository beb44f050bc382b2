"""What was answered to requests that a program may send again."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigInt, Exact, Key, RealmScoped


class IdempotencyKey(RealmScoped, Base):
    """A request that was carried out, by the key its program gave it; ``body`` is the digest of what it asked for.

    ``answer`` is JSON text without what is shown once.
    """

    __tablename__ = "accounts_idempotency_key"
    __table_args__ = (
        Index("uq_accounts_idempotency_key", "realm_id", "user_id", "key", unique=True),
        Index("ix_accounts_idempotency_key_expires", "realm_id", "expires_at"),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts_user.id"))
    key: Mapped[str] = mapped_column(Exact)
    body: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int]
    answer: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime]
