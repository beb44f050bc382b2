"""Selects on realms, what is in them, and what people hold there."""

from app.realms.queries.holding import (
    effective_roots,
    grantors,
    grants,
    holders,
    realm_named,
    realms,
    realms_of,
    standing,
)

__all__ = ["effective_roots", "grantors", "grants", "holders", "realm_named", "realms", "realms_of", "standing"]
