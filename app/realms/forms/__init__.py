"""Forms of realms: they read and check text and know no database."""

from app.realms.forms.grants import GrantForm, RevocationForm, in_utc

__all__ = ["GrantForm", "RevocationForm", "in_utc"]
