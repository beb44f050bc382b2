"""Bodies as people may see them."""

from typing import Any

from flask import current_app

from app.lineage.openlineage.decode import decode
from app.lineage.openlineage.masking import mask


def shown_body(body: str) -> Any:
    """Return a stored body as a JSON value without secrets; ``store`` never let them in, ``off`` hides nothing."""
    return shown_value(decode(body.encode()))


def shown_value(value: Any) -> Any:
    """Return a decoded value likewise."""
    return mask(value) if is_masked_when_shown() else value


def is_masked_when_shown() -> bool:
    """Return whether secrets are stored and taken out when shown."""
    return bool(current_app.config["SETTINGS"].mask == "show")
