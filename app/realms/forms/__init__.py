"""Forms of realms: they read and check text and know no database."""

from app.realms.forms.grants import GrantForm, in_utc

__all__ = ["GrantForm", "in_utc"]
