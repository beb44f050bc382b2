"""Apps, slices and settings of the company, set by the people who look after them."""

from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.changes.actor import CLI, Actor
from app.db import utcnow
from app.realms.actions.apps import AppDraft, add_app, rename_app
from app.realms.actions.cloning import SliceDraft, add_slice
from app.realms.actions.config import ConfigDraft, set_config
from app.realms.actions.slices import activate, deactivate
from app.realms.models import Realm

APPS: Final = (
    ("Checkout", "Web shop and tills"),
    ("Delivery", "Tours, drivers and the promise of a window"),
    ("Loyalty", "Points and vouchers"),
)
WINDOWS: Final = ("08-10\n10-12\n17-19", "08-10\n10-12\n17-19\n19-21", "07-09\n09-11\n17-19\n19-21")
SETTINGS: Final = (
    ("MAX_BASKET_LINES", "Lines of a basket before the shop asks to split it.", ("120", "80", "100")),
    ("DELIVERY_WINDOWS", "What customers may choose, one a line.", WINDOWS),
    ("FREE_DELIVERY_FROM", "Euro of a basket that is brought for nothing.", ("59", "49")),
)


def govern(session: Session) -> None:
    """Make three apps, set what their programs read, and prepare Christmas in a slice of its own. Flushes."""
    for name, longname in APPS:
        add_app(session, AppDraft(name, longname), actor=CLI)
    rename_app(session, "Loyalty", "Points, vouchers and the newsletter", actor=_by("admin"))
    default = session.get_one(Realm, session.info["realm_id"]).default_slice_id
    _set(session, default, by="m.okafor")
    set_config(session, ConfigDraft(None, "SUPPORT_MAIL", "help@greenbasket.example", "Shown when a job is late."),
               actor=CLI)  # fmt: skip
    christmas = add_slice(session, SliceDraft("Christmas: longer tours, earlier windows", default), actor=CLI)
    changed = ConfigDraft(christmas.id, "DELIVERY_WINDOWS", "06-08\n08-10\n10-12\n12-14\n17-19\n19-21")
    set_config(session, changed, actor=_by("admin"))
    activate(session, christmas.id, utcnow() + timedelta(days=9, hours=4), actor=_by("admin"))
    trial = add_slice(session, SliceDraft("Trial of the southern stores, ended", default), actor=CLI)
    deactivate(session, trial.id, actor=_by("m.okafor"))


def _set(session: Session, slice_id: int | None, *, by: str) -> None:
    for name, words, values in SETTINGS:
        for value in values:
            set_config(session, ConfigDraft(slice_id, name, value, words), actor=_by(by))


def _by(name: str) -> Actor:
    return Actor(name, CLI.via)
