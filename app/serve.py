"""Serve pages: gunicorn with threads, or Werkzeug where gunicorn does not run."""

import gc
import logging
import sys
from dataclasses import replace
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, run_simple

from app.config import Settings
from app.db import utcnow
from app.delivery.worker import embedded
from app.factory import create_app
from app.lineage import worker_daily, worker_lateness, worker_words

# Where a server that listens everywhere is reached from its own machine.
NEAR = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - nothing is bound here

KEY_HEADER, KEY_VARIABLE = "x-api_key", "HTTP_X_API_KEY"


def serve(settings: Settings, host: str, port: int, *, simulates: bool = False) -> None:
    """Serve until stopped; links in what is sent lead here unless HEADWATER_URL says otherwise.

    With ``simulates`` the demo keeps moving meanwhile.
    """
    here = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    near = f"http://{NEAR.get(host, f'[{host}]' if ':' in host else host)}:{port}" if simulates else ""
    settings = replace(settings, url=settings.url or here)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        from gunicorn.app.base import BaseApplication
    except ImportError:
        run_simple(host, port, _at_work(create_app(settings), near), threaded=True, request_handler=Handler)
        return

    class Server(BaseApplication):  # type: ignore[misc]
        """Gunicorn with our options instead of its command line."""

        def load_config(self) -> None:
            """Set the options."""
            for name, value in options(settings, host, port).items():
                self.cfg.set(name, value)
            self.cfg.set("post_worker_init", _end_streams_with)

        def load(self) -> Any:
            """Make the application in the worker, after the fork."""
            return _at_work(create_app(settings), near)

    Server().run()


class Handler(WSGIRequestHandler):
    """Lets in the one header with an underscore that programs of the tracker send; Werkzeug drops them all."""

    def make_environ(self) -> dict[str, Any]:
        """Return the environment of a request."""
        environ = super().make_environ()
        given = [environ.get(KEY_VARIABLE), *self.headers.get_all(KEY_HEADER, [])]
        if any(given):
            environ[KEY_VARIABLE] = ",".join(filter(None, given))
        return environ


def _at_work(app: Flask, simulated: str) -> Flask:
    """Start what the application does by itself, such as taking away what is not kept and telling what is late.

    ``simulated`` is the address to which the demo reports what happens in it; nothing happens where it is empty.
    """
    app.extensions["headwater.serving_since"] = utcnow()
    worker_daily.start(app)
    worker_lateness.start(app)
    worker_words.start(app)
    embedded.start(app)
    if simulated:
        from app.demo.simulator.drive import start

        start(app.config["SETTINGS"].data_dir, simulated)
    # What was imported stays; the collector need not look at it again with every few requests.
    gc.collect()
    gc.freeze()
    return app


def _end_streams_with(worker: Any) -> None:
    """Let streams of live pages end with the worker, which waits for every answer that is still being sent."""
    worker.wsgi.extensions["headwater.live"].is_serving = lambda: worker.alive


def options(settings: Settings, host: str, port: int) -> dict[str, object]:
    """Return gunicorn's options.

    The request line has no limit because names of datasets are long. ``x-api_key`` is the one header with an underscore
    that clients in the field send, and gunicorn lets it in only from those it trusts to forward: so everybody is
    trusted, with nothing but that header. Where requests come from is told by ``app.web.forwarded``.
    """
    return {
        "bind": [f"[{host}]:{port}" if ":" in host else f"{host}:{port}"],
        "worker_class": "gthread",
        "workers": settings.web_workers,
        "threads": settings.web_threads,
        "graceful_timeout": 5,
        "keepalive": 15,
        "limit_request_line": 0,
        "forwarded_allow_ips": "*",
        "forwarder_headers": KEY_HEADER.upper(),
        "secure_scheme_headers": {},
        "control_socket_disable": True,
        "proc_name": "headwater",
        "loglevel": "warning",
    }
