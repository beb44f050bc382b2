"""What came of an attempt."""

from dataclasses import dataclass
from datetime import timedelta

KEPT = 4_096


@dataclass(frozen=True, slots=True)
class Answer:
    """How an attempt went: ``status`` is null when nothing came back, then ``error`` says why.

    ``fatal`` errors are not tried again; head and body are text, the body cut to 4 KiB.
    """

    status: int | None = None
    error: str | None = None
    head: str = ""
    body: str = ""
    retry_after: timedelta | None = None
    fatal: str | None = None

    @property
    def is_good(self) -> bool:
        """Return whether the receiver took it."""
        return self.error is None and self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - of HTTP
