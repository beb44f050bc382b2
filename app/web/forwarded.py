"""Whom a request comes from: what proxies of ours say of it counts, what callers say of themselves does not."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

WSGI = Callable[..., Iterable[bytes]]
SAID: Final = ("HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED")


def init(app: Flask, proxies: int) -> None:
    """Take address and scheme of the caller from so many proxies in front, and every such header away."""
    app.wsgi_app = _without(app.wsgi_app)  # type: ignore[method-assign]
    if proxies > 0:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]


def _without(application: WSGI) -> WSGI:
    """Return the application behind which no header says where a request came from."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        for name in [name for name in environ if name.startswith(SAID)]:
            del environ[name]
        return application(environ, start_response)

    return answer
