"""What can be done in a realm: each checks, changes, logs and flushes, or raises Refused."""

from app.realms.actions.grants import (
    ALL,
    ROOT,
    GrantDraft,
    Granted,
    RevocationDraft,
    grant,
    revoke,
    revoke_grant,
)

__all__ = ["ALL", "ROOT", "GrantDraft", "Granted", "RevocationDraft", "grant", "revoke", "revoke_grant"]
