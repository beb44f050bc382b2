"""A tenant: the realm, its apps, slices and settings, what people hold in it, and who is blocked."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigInt, BigKey, CreatedAt, Exact, RealmScoped


class Realm(Base):
    """A tenant; ``payload`` is opaque to us and shown to holders of root."""

    __tablename__ = "realms_realm"
    unscoped_because: ClassVar[str] = "it is the realm itself, found by its name"

    id: Mapped[BigKey]
    shortname: Mapped[str] = mapped_column(String(24), unique=True)
    shortnamelc: Mapped[str] = mapped_column(String(24), unique=True)
    longname: Mapped[str] = mapped_column(String(200))
    setby: Mapped[str] = mapped_column(String(100))
    setat: Mapped[CreatedAt]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    default_slice_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("realms_slice.id", use_alter=True, name="fk_realms_realm_default_slice_id_realms_slice")
    )


class App(RealmScoped, Base):
    """An application of the realm that schemas and rulesets belong to; its name is matched in any case."""

    __tablename__ = "realms_app"
    __table_args__ = (UniqueConstraint("realm_id", "shortnamelc"),)

    id: Mapped[BigKey]
    shortname: Mapped[str] = mapped_column(String(24))
    shortnamelc: Mapped[str] = mapped_column(String(24))
    longname: Mapped[str] = mapped_column(String(200))
    setby: Mapped[str] = mapped_column(String(100))
    setat: Mapped[CreatedAt]


class RealmSlice(RealmScoped, Base):
    """A copy of rulesets and settings that can be edited while programs use another; never has both times set."""

    __tablename__ = "realms_slice"
    __table_args__ = (
        CheckConstraint("activateat IS NULL OR deactivateat IS NULL", name="one_schedule"),
        Index("ix_realms_slice_realm_id_id", "realm_id", "id"),
    )

    id: Mapped[BigKey]
    descr: Mapped[str] = mapped_column(String(200), default="")
    active: Mapped[bool]
    activateat: Mapped[datetime | None]
    deactivateat: Mapped[datetime | None]
    createdat: Mapped[CreatedAt]
    createdby: Mapped[str] = mapped_column(String(100))
    editedat: Mapped[datetime | None]
    editedby: Mapped[str | None] = mapped_column(String(100))
    copied_from: Mapped[int | None] = mapped_column(BigInt)

    def is_on(self, at: datetime) -> bool:
        """Return whether the slice is effectively active at a moment, its schedule included."""
        if self.deactivateat is not None and self.deactivateat <= at:
            return False
        return self.active or (self.activateat is not None and self.activateat <= at)


class Config(RealmScoped, Base):
    """A setting of the realm, or of one slice of it; ``ver`` counts the sets of this key."""

    __tablename__ = "realms_config"
    __table_args__ = (
        UniqueConstraint("realm_id", "slice_id", "name"),
        Index(
            "uq_realms_config_realm_wide", "realm_id", "name", unique=True,
            sqlite_where=text("slice_id IS NULL"), postgresql_where=text("slice_id IS NULL"),
        ),
        CheckConstraint("ver >= 1", name="ver_positive"),
    )  # fmt: skip

    id: Mapped[BigKey]
    slice_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("realms_slice.id"))
    name: Mapped[str] = mapped_column(String(63))
    descr: Mapped[str] = mapped_column(Exact, default="")
    val: Mapped[str | None] = mapped_column(Exact)
    ver: Mapped[int] = mapped_column(default=1)
    setby: Mapped[str] = mapped_column(String(100))
    setat: Mapped[CreatedAt]


class CapGrant(RealmScoped, Base):
    """That an account holds a capability, in the realm (app null) or for one app, within a window of time.

    Ids are used once: who revokes by one never hits a grant that came later.
    """

    __tablename__ = "realms_cap_grant"
    __table_args__ = (
        UniqueConstraint("realm_id", "user_id", "app_id", "cap"),
        Index(
            "uq_realms_cap_grant_realm_level", "realm_id", "user_id", "cap", unique=True,
            sqlite_where=text("app_id IS NULL"), postgresql_where=text("app_id IS NULL"),
        ),
        CheckConstraint('"to" IS NULL OR "from" IS NULL OR "to" > "from"', name="window_forwards"),
        Index("ix_realms_cap_grant_cap", "realm_id", "cap"),
        Index("ix_realms_cap_grant_setat", "realm_id", "setat", "id"),
        Index("ix_realms_cap_grant_user_id", "user_id"),
        {"sqlite_autoincrement": True},
    )  # fmt: skip

    id: Mapped[BigKey]
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts_user.id"))
    app_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("realms_app.id"))
    cap: Mapped[str] = mapped_column(String(40))
    from_: Mapped[datetime | None] = mapped_column("from")
    to: Mapped[datetime | None]
    setat: Mapped[CreatedAt]
    setby: Mapped[str] = mapped_column(String(100))

    def is_open(self, at: datetime) -> bool:
        """Return whether the window contains a moment: its beginning is in, its end is out."""
        return (self.from_ is None or self.from_ <= at) and (self.to is None or at < self.to)


class Deactivated(RealmScoped, Base):
    """That a person, or with user null the whole realm, is blocked; grants stay as they are."""

    __tablename__ = "realms_deactivated"
    __table_args__ = (
        UniqueConstraint("realm_id", "user_id"),
        Index(
            "uq_realms_deactivated_realm", "realm_id", unique=True,
            sqlite_where=text("user_id IS NULL"), postgresql_where=text("user_id IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[BigKey]
    user_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts_user.id"))
    deactby: Mapped[str] = mapped_column(String(100))
    deactat: Mapped[CreatedAt]
