"""Who acts: accounts, where they belong, and what they prove themselves with."""

from app.accounts.models.idempotency import IdempotencyKey
from app.accounts.models.key import ApiKey
from app.accounts.models.saved import SavedView
from app.accounts.models.session import Invitation, SignInCounter, SignInSession
from app.accounts.models.user import Membership, Role, User, UserKind

__all__ = [
    "ApiKey",
    "IdempotencyKey",
    "Invitation",
    "Membership",
    "Role",
    "SavedView",
    "SignInCounter",
    "SignInSession",
    "User",
    "UserKind",
]
