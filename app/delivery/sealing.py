"""Secrets at rest: encrypted with a key made from the installation's own."""

import base64

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.config import Settings

PURPOSE = b"headwater delivery secrets"


def seal(settings: Settings, text: str) -> bytes:
    """Return the text encrypted with HEADWATER_SECRET_KEY."""
    return _box(settings).encrypt(text.encode())


def unseal(settings: Settings, sealed: bytes) -> str:
    """Return the text; HEADWATER_SECRET_KEY_OLD opens it too. Raises InvalidToken when none fits."""
    return _box(settings).decrypt(bytes(sealed)).decode()


def _box(settings: Settings) -> MultiFernet:
    keys = [settings.secret_key, settings.secret_key_old]
    return MultiFernet([Fernet(_key(key)) for key in keys if key])


def _key(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
