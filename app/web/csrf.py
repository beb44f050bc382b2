"""Forms of browsers prove that our own page sent them; programs with keys have no cookie to steal."""

from flask_wtf.csrf import CSRFProtect

from app.web.identity import is_api

csrf = CSRFProtect()


def check() -> None:
    """Refuse a browser's write without our token (400); runs after the guard."""
    if not is_api():
        csrf.protect()
