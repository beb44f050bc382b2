"""Accounts of people and programs, and the realms they belong to."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, BigInt, BigKey, CreatedAt, Exact, Key, Name, RealmScoped


class UserKind(StrEnum):
    """A person signs in with a password; a service only holds keys."""

    PERSON = "person"
    SERVICE = "service"


class Role(StrEnum):
    """What a member is to the realm's job tracking: reports runs, receives them, or watches over all."""

    PROVIDER = "provider"
    CUSTOMER = "customer"
    OPERATOR = "operator"


class User(Base):
    """An account of the installation; belongs to realms by memberships.

    ``name`` is the login, lower case, unique; ``email`` is kept in lower case. ``password`` is an argon2id hash,
    null for services and for people who sign in elsewhere.
    """

    __tablename__ = "accounts_user"
    unscoped_because: ClassVar[str] = "one account serves all realms of the installation"

    id: Mapped[BigKey]
    kind: Mapped[UserKind] = mapped_column(default=UserKind.PERSON)
    name: Mapped[str] = mapped_column(Exact, unique=True)
    display_name: Mapped[Name]
    email: Mapped[str | None] = mapped_column(String(511), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(511), unique=True)
    first_name: Mapped[str] = mapped_column(String(200), default="")
    last_name: Mapped[str] = mapped_column(String(200), default="")
    password: Mapped[str | None] = mapped_column(String(255))
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime | None]


class Membership(RealmScoped, Base):
    """That an account belongs to a realm; ends by being archived, never by being removed."""

    __tablename__ = "accounts_membership"
    __table_args__ = (
        UniqueConstraint("realm_id", "user_id"),
        CheckConstraint("(owner_kind = 'system') = (owner_id IS NULL)", name="owner_named"),
        Index("ix_accounts_membership_user_id", "user_id"),
        Index("ix_accounts_membership_newest", "realm_id", "created_at", "id"),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts_user.id"))
    role: Mapped[Role] = mapped_column(default=Role.CUSTOMER)
    owner_kind: Mapped[str] = mapped_column(String(32), default="system")
    owner_id: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[CreatedAt]
    created_by: Mapped[str] = mapped_column(String(100))
    updated_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    archived_by: Mapped[str | None] = mapped_column(String(100))
    archived_why: Mapped[str | None] = mapped_column(String(500))
    archive_set: Mapped[UUID | None]
    user: Mapped[User] = relationship(lazy="raise")

    @property
    def is_live(self) -> bool:
        """Return whether the account belongs to the realm now."""
        return self.archived_at is None
