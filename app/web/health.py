"""Whether the process lives, and whether it can serve."""

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from app.db import db
from app.resource import resource
from app.web.guard import public


@public("load balancers ask without an account")
def healthz() -> ResponseReturnValue:
    """Answer 200 while the process lives."""
    return {"status": "ok"}


@public("load balancers ask without an account")
def readyz() -> ResponseReturnValue:
    """Answer 200 when the database answers and is migrated, else 503 with the reason."""
    reason = not_ready()
    return ({"status": "not ready", "reason": reason}, 503) if reason else {"status": "ok"}


def not_ready() -> str | None:
    """Return why requests cannot be served, or None; one statement."""
    try:
        current = MigrationContext.configure(db.session.connection()).get_current_heads()
    except SQLAlchemyError as error:
        return f"the database does not answer: {type(error).__name__}"
    wanted = ScriptDirectory.from_config(alembic_config()).get_heads()
    if set(current) != set(wanted):
        return f"the database is at {', '.join(current) or 'nothing'}, the program needs {', '.join(wanted)}"
    return None


def alembic_config() -> Config:
    """Return Alembic's configuration for our migrations."""
    config = Config()
    config.set_main_option("script_location", str(resource("migrations")))
    config.set_main_option("path_separator", "os")
    return config


def init(app: Flask) -> None:
    """Register both."""
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)
