"""What can be done in a realm: each checks, changes, logs and flushes, or raises Refused."""

from app.realms.actions.grants import GrantDraft, Granted, GrantPlan, grant, plan_grant
from app.realms.actions.ledger import ALL, ROOT
from app.realms.actions.revoking import (
    RevocationDraft,
    RevocationPlan,
    plan_of_grant,
    plan_revocation,
    revoke,
    revoke_grant,
)

__all__ = [
    "ALL",
    "ROOT",
    "GrantDraft",
    "GrantPlan",
    "Granted",
    "RevocationDraft",
    "RevocationPlan",
    "grant",
    "plan_grant",
    "plan_of_grant",
    "plan_revocation",
    "revoke",
    "revoke_grant",
]
