"""Settings in, application out; the only module that knows every slice."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import structlog
from flask import Flask
from flask_migrate import Migrate
from jinja2 import StrictUndefined
from sqlalchemy import Engine

from app import config
from app.config import Settings
from app.db import db, tune_sqlite
from app.resource import resource
from app.web import (
    blueprints,
    csrf,
    docs,
    errors,
    filters,
    forwarded,
    guard,
    headers,
    health,
    limits,
    live,
    safe,
    shell,
    telemetry,
)
from app.web.unindented import Unindented

SLICES = (
    "changes", "accounts", "realms", "delivery", "locations", "jobs",
    "lineage", "catalog", "fleet", "rules", "workflows", "overview",
)  # fmt: skip


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application; settings come from ``HEADWATER_*`` variables unless given.

    Raises BadSetting, and RuntimeError when a route is not guarded.
    """
    chosen = settings or config.load()
    app = Flask(
        "app",
        static_folder=str(resource("static")),
        template_folder=str(resource("templates")),
        instance_path=str(chosen.data_dir.resolve()),
    )
    app.config.update(_flask_config(chosen))
    # What a program said in an order comes back in it.
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    limits.init(app)
    _set_up_templates(app)
    _set_up_database(app, chosen)
    _set_up_requests(app)
    forwarded.init(app, chosen.proxies)
    for name in SLICES:
        _start_slice(app, name)
    guard.verify(app)
    _add_commands(app)
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings),
        "MAX_CONTENT_LENGTH": settings.batch_max_bytes,
        "MAX_FORM_MEMORY_SIZE": settings.ingest_max_bytes,
        "WTF_CSRF_CHECK_DEFAULT": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "SESSION_COOKIE_NAME": "headwater",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.cookie_secure,
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
    }


def _engine_options(settings: Settings) -> dict[str, Any]:
    if settings.is_sqlite:
        return {"pool_size": 20, "max_overflow": 60, "pool_timeout": 5}
    # Milliseconds; a wait beyond it answers 503 and is tried again by the caller.
    options = f"-c lock_timeout={settings.lock_timeout_ms} -c timezone=UTC"
    return {
        "pool_size": 20,
        "max_overflow": 20,
        "pool_timeout": 1,
        "pool_pre_ping": True,
        "connect_args": {"options": options},
    }


def _set_up_templates(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.autoescape = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension(Unindented)
    # A page names the sprite a hundred times: a short address is a twentieth of its weight.
    app.add_url_rule("/i.svg", "static", app.view_functions["static"], defaults={"filename": "vendor/icons.svg"})
    filters.init(app)


def _set_up_database(app: Flask, settings: Settings) -> None:
    db.init_app(app)
    Migrate(app, db, directory=str(resource("migrations")), render_as_batch=settings.is_sqlite, compare_type=True)
    with app.app_context():
        engine = db.engine
    if settings.is_sqlite:
        tune_sqlite(engine, synchronous=settings.synchronous, busy_ms=settings.lock_timeout_ms)
    app.extensions["headwater.read_engine"] = _read_only(engine)


def _read_only(engine: Engine) -> Engine:
    if engine.dialect.name == "sqlite":
        return engine.execution_options(immediate=False)
    return engine.execution_options(postgresql_readonly=True)


def _set_up_requests(app: Flask) -> None:
    app.extensions.setdefault("headwater.sign_in_url", lambda _next: "/sign-in")
    headers.init(app)
    blueprints.init(app)
    errors.init(app)
    shell.init(app)
    live.init(app)
    health.init(app)
    docs.init(app)
    csrf.csrf.init_app(app)
    for step in (safe.begin_reading, limits.check, guard.check, csrf.check):
        app.before_request(step)
    app.after_request(telemetry.attach)
    structlog.configure(processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ], logger_factory=structlog.stdlib.LoggerFactory())  # fmt: skip


def _start_slice(app: Flask, name: str) -> None:
    if find_spec(f"app.{name}") is None:
        return
    start = getattr(import_module(f"app.{name}"), "init", None)
    if start is not None:
        start(app)


def _add_commands(app: Flask) -> None:
    from app import cli

    cli.register(app, SLICES)
