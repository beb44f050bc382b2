"""Browsers that are signed in, people who were asked to join, and failed attempts."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models.user import Role, User
from app.db import Base, BigInt, CreatedAt, Digest, Exact, Key, RealmScoped


class SignInSession(Base):
    """One browser of one person; the cookie holds the token, this row only its SHA-256."""

    __tablename__ = "accounts_session"
    __table_args__ = (Index("ix_accounts_session_owner", "user_id", "created_at", "id"),)
    unscoped_because: ClassVar[str] = "a person is signed in to the installation, not to a realm"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts_user.id"))
    token_hash: Mapped[Digest] = mapped_column(unique=True)
    created_at: Mapped[CreatedAt]
    last_seen_at: Mapped[datetime]
    remote_addr: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    ended_at: Mapped[datetime | None]
    user: Mapped[User] = relationship(lazy="raise")


class Invitation(RealmScoped, Base):
    """A link that lets one person join a realm, once, within seven days."""

    __tablename__ = "accounts_invitation"
    __table_args__ = (Index("ix_accounts_invitation_newest", "realm_id", "created_at", "id"),)

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(511))
    role: Mapped[Role] = mapped_column(default=Role.CUSTOMER)
    caps: Mapped[list[Any]]
    token_hash: Mapped[Digest] = mapped_column(unique=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    invited_by: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts_user.id"))

    def is_open(self, now: datetime) -> bool:
        """Return whether the link can still be used at a moment."""
        return self.used_at is None and self.withdrawn_at is None and self.expires_at > now


class SignInCounter(Base):
    """Attempts to sign in within one window, per ``account:<name>`` and per ``address:<ip>``."""

    __tablename__ = "accounts_sign_in_counter"
    unscoped_because: ClassVar[str] = "attempts come before anyone knows the realm"

    key: Mapped[str] = mapped_column(Exact, primary_key=True)
    window_start: Mapped[datetime] = mapped_column(index=True)
    failures: Mapped[int]
