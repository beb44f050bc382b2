"""Who is asking: found once a request, by the slice that knows accounts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, g, request


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """The bearer key of a request."""

    id: str
    prefix: str
    realm_id: int
    scopes: frozenset[str]
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """A known person or program; ``key`` is set when a bearer key speaks for it, ``session_id`` when a browser does."""

    user_id: int
    name: str
    display_name: str
    is_active: bool = True
    key: KeyFacts | None = None
    session_id: str | None = None

    @property
    def via(self) -> str:
        """Return how it came in, as the change log says it."""
        return self.key.prefix if self.key else "session"


DOCS = "/api/docs"
Identify = Callable[[], Identity | None]
_KEY_HEADERS: dict[str, str] = {}


def key_header(prefix: str, header: str) -> None:
    """Let programs send their key in a header of its own to whatever lies below a path."""
    _KEY_HEADERS[prefix] = header


def sent_key() -> str | None:
    """Return the key that came with the request, None without one.

    A header of its own goes before the bearer's, where there is such a header. Some programs send it in two
    spellings, which the server joins: the same key twice is that key.
    """
    header = next((name for prefix, name in _KEY_HEADERS.items() if request.path.startswith(f"{prefix}/")), None)
    if header is not None and (given := request.headers.get(header, "").strip()):
        spelled = {part.strip() for part in given.split(",")}
        return spelled.pop() if len(spelled) == 1 else given
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() or None if scheme.lower() == "bearer" else None


def is_api() -> bool:
    """Return whether the request is for a program: bearer key only, answers in JSON; the page on that is none."""
    return request.path.startswith("/api/") and request.path != DOCS


def identity() -> Identity | None:
    """Return who is asking or None; asks ``app.extensions["headwater.identify"]`` once a request (one statement).

    That function (set by accounts) reads the bearer key where ``is_api()``, else the session cookie, never both.
    """
    if "identity" not in g:
        identify: Identify | None = current_app.extensions.get("headwater.identify")
        g.identity = None
        g.identity = identify() if identify else None
    found: Identity | None = g.identity
    return found
