"""Lists as people want to see them again."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models.user import User
from app.db import Base, BigInt, CreatedAt, Exact, Key, RealmScoped


class SavedView(RealmScoped, Base):
    """A name for the query of a list; ``page`` is the list's path inside the realm, as ``jobs/runs``.

    A shared view is offered to everyone of the realm and still shows each reader's own rows only; a pinned one stands
    beside the list, others are in its menu.
    """

    __tablename__ = "accounts_saved_view"
    __table_args__ = (
        UniqueConstraint("realm_id", "user_id", "page", "name"),
        Index("ix_accounts_saved_view_page", "realm_id", "page", "name", "id"),
        Index("ix_accounts_saved_view_newest", "realm_id", "created_at", "id"),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts_user.id"), index=True)
    page: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(Exact)
    query: Mapped[str] = mapped_column(String(2000))
    shared: Mapped[bool] = mapped_column(default=False)
    pinned: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime | None]
    user: Mapped[User] = relationship(lazy="raise")

    @property
    def path(self) -> str:
        """Return where it is inside the realm; the list drops what it does not know when told which view asks."""
        return f"{self.page}?{self.query}&saved={self.id}" if self.query else f"{self.page}?saved={self.id}"
