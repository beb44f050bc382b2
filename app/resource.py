"""Where templates, static files and migrations are: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

HERE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """Return the folder ``templates``, ``static`` or ``migrations``."""
    packed = HERE / "_data" / name
    return packed if packed.exists() else HERE.parent / name
