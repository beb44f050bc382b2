"""Clients join an address that ends with a slash and a path that begins with one: doubled slashes are one."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from flask import Flask

from app.jobs.tracker.answers import ROOT

SEVERAL: Final = re.compile("//+")
WSGI = Callable[..., Iterable[bytes]]


def init(app: Flask) -> None:
    """Take doubled slashes out of paths below the mount, before anything looks at them."""
    app.wsgi_app = _single(app.wsgi_app)  # type: ignore[method-assign]


def _single(application: WSGI) -> WSGI:
    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if "//" in path and f"{once(path)}/".startswith(f"{ROOT}/"):
            environ["PATH_INFO"] = once(path)
        return application(environ, start_response)

    return answer


def once(path: str) -> str:
    """Return a path in which each slash stands alone."""
    return SEVERAL.sub("/", path)
