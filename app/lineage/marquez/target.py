"""The path of a request as it was sent: names are one segment each, whatever ``%2F`` they hold. Pure."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

ROOT: Final = "/api/marquez/api/v1"


def segments(environ: Mapping[str, Any], decoded: str) -> list[str]:
    """Return the decoded segments below ROOT, taken from the undecoded target where the server offers it.

    gunicorn and Werkzeug both name it RAW_URI or REQUEST_URI; a server that does neither, or a proxy that rewrote the
    path, leaves ``decoded``, in which a name with a slash cannot be told from two.
    """
    for name in ("RAW_URI", "REQUEST_URI"):
        path = str(environ.get(name) or "").partition("?")[0].partition("#")[0]
        _, found, rest = path.partition(f"{ROOT}/")
        if found:
            # WSGI carries bytes as latin-1.
            return [unquote(part.encode("latin-1", "replace").decode("utf-8", "replace")) for part in rest.split("/")]
    return decoded.split("/")
