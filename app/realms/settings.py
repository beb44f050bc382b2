"""Settings of a realm: a realm-wide config row where there is one, else the installation's ``HEADWATER_<NAME>``."""

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Settings
from app.realms.models import Config


def numbers(session: Session, realm_id: int, *names: str) -> dict[str, int]:
    """Return whole-number settings by name (``LINEAGE_CURRENT_DAYS``), each at least 1; one statement.

    A row that holds no such number counts as absent: a page must not fail for what somebody typed.
    """
    asked = select(Config.name, Config.val).where(
        Config.realm_id == realm_id, Config.slice_id.is_(None), Config.name.in_(names)
    )
    given = {name: int(value) for name, value in session.execute(asked) if value and value.isdecimal() and int(value)}
    settings: Settings = current_app.config["SETTINGS"]
    return {name: given.get(name) or int(getattr(settings, name.lower())) for name in names}
