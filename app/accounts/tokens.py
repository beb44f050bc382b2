"""Secrets people and programs carry: made here, shown once, kept as SHA-256."""

import hashlib
import secrets

KEY_START = "hw_"
SHOWN = 11


def new_key() -> str:
    """Return a fresh bearer key: ``hw_`` and 43 characters of base64url (32 random bytes)."""
    return KEY_START + secrets.token_urlsafe(32)


def new_token() -> str:
    """Return a fresh token for a cookie or a link, 43 characters."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """Return what is kept of a secret; no salt is needed, 256 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).digest()
