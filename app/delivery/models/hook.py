"""A hook: which changes are sent where, on whose behalf."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.db import Base, BigInt, CreatedAt, Exact, Key, RealmScoped


class Hook(RealmScoped, Base):
    """What is sent where; everything it does is done with the owner's rights of that moment.

    ``trigger`` is {on, match, filters}, ``target`` the webhook or mail without its secrets. ``secret``,
    ``previous_secret`` and ``credential`` are encrypted. Times in seconds. Changes up to ``since_seq`` were made
    before it. ``failing_since`` is the first failed attempt after the last good one; ``note`` tells what went wrong
    while matching.
    """

    __tablename__ = "delivery_hook"
    __table_args__ = (
        Index("uq_delivery_hook_name", "realm_id", "name", unique=True),
        Index("ix_delivery_hook_newest", "realm_id", "created_at", "id"),
        Index("ix_delivery_hook_owner_id", "owner_id"),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Exact)
    description: Mapped[str] = mapped_column(String(1023), default="")
    owner_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts_user.id"))
    trigger: Mapped[dict[str, Any]]
    target: Mapped[dict[str, Any]]
    timeout: Mapped[int] = mapped_column(default=3_600)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    previous_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_until: Mapped[datetime | None]
    credential: Mapped[bytes | None] = mapped_column(LargeBinary)
    enabled: Mapped[bool] = mapped_column(default=True)
    disabled_at: Mapped[datetime | None]
    disabled_why: Mapped[str | None] = mapped_column(String(16))
    max_attempts: Mapped[int] = mapped_column(default=10)
    concurrency: Mapped[int] = mapped_column(default=4)
    ordered: Mapped[bool] = mapped_column(default=False)
    request_timeout_s: Mapped[int] = mapped_column(default=15)
    failures_in_row: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_failure_at: Mapped[datetime | None]
    since_seq: Mapped[int] = mapped_column(BigInt, default=0)
    note: Mapped[str | None] = mapped_column(String(500))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[CreatedAt]
    created_by: Mapped[str] = mapped_column(String(100))
    updated_at: Mapped[datetime | None]
    updated_by: Mapped[str | None] = mapped_column(String(100))
    owner: Mapped[User] = relationship(lazy="raise")

    @property
    def kind(self) -> str:
        """Return the kind of target: webhook or email."""
        return str(self.target["type"])

    @property
    def place(self) -> str:
        """Return where it sends, as lists show it."""
        if self.kind == "webhook":
            return str(self.target["url"])
        return ", ".join(self.target["to"])
