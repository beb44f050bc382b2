"""Work that has no natural end."""

from typing import Final

ENDLESS: Final = frozenset(("STREAMING", "SERVICE"))  # processing types
