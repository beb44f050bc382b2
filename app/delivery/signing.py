"""Signatures of Standard Webhooks 1.0: https://github.com/standard-webhooks/standard-webhooks, "Symmetric"."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable

START = "whsec_"
BYTES = 32
VERSION = "v1"


def new_secret() -> str:
    """Return a fresh secret: ``whsec_`` and 32 random bytes in base64."""
    return START + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return ``v1,`` and the base64 HMAC-SHA256 of ``id.timestamp.body``; raises ValueError on no secret of ours."""
    try:
        key = base64.b64decode(secret.removeprefix(START), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a secret is whsec_ and base64") from None
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"{VERSION},{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def headers(keys: Iterable[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers; every secret signs, so that a receiver may still know only the one before."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(key, message_id, timestamp, body) for key in keys),
    }


def verifies(secret: str, message_id: str, timestamp: int, body: bytes, signature: str) -> bool:
    """Return whether one of the signatures in the header is that of the secret."""
    wanted = sign(secret, message_id, timestamp, body)
    return any(hmac.compare_digest(wanted, given) for given in signature.split())
