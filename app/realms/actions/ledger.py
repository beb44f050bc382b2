"""What granting and taking back share: rows and their log, and the root that has to stay."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.actor import Actor
from app.changes.log import Entry, record_many
from app.realms.models import App, CapGrant
from app.realms.queries import holders
from app.refusal import Problem, Refused
from app.web.capabilities import is_known

ROOT: Final = "root"
ALL: Final = "all"
SHOWN: Final = 100
"""Characters of what somebody sent that an error repeats."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Writes grants of one account, and their change rows."""

    session: Session
    user: User
    actor: Actor

    def give(
        self, rows: Iterable[tuple[App | None, str]], from_: datetime | None, to: datetime | None
    ) -> list[CapGrant]:
        """Add a grant for each (app, capability) with this window and log them; returns them with their ids."""
        made = [
            (
                CapGrant(
                    realm_id=self.session.info["realm_id"], user_id=self.user.id, app_id=app.id if app else None,
                    cap=cap, from_=from_, to=to, setby=self.actor.name,
                ),
                app,
            )
            for app, cap in rows
        ]  # fmt: skip
        self.session.add_all([row for row, _app in made])
        self.session.flush()
        record_many(self.session, [self._granted(row, app) for row, app in made], self.actor)
        return [row for row, _app in made]

    def take(self, rows: Iterable[tuple[CapGrant, App | None]], verb: str) -> list[dict[str, Any]]:
        """Remove grants and log each whole under a verb; returns them whole."""
        found = [(row, app, whole(row, self.user, app)) for row, app in rows]
        entries = [
            Entry(verb, "capgrant", row.id, label(self.user, row.cap, app), row=kept) for row, app, kept in found
        ]
        record_many(self.session, entries, self.actor)
        for row, _app, _whole in found:
            self.session.delete(row)
        self.session.flush()
        return [kept for _row, _app, kept in found]

    def _granted(self, row: CapGrant, app: App | None) -> Entry:
        told = {"cap": row.cap, "app": app.shortnamelc if app else None, "from": row.from_, "to": row.to}
        fields = [(name, None, value) for name, value in told.items() if value is not None]
        return Entry("capgrant.granted", "capgrant", row.id, label(self.user, row.cap, app), fields)


def whole(row: CapGrant, user: User, app: App | None) -> dict[str, Any]:
    """Return a grant as the log keeps it: all nine fields, in names where the database has ids."""
    return {
        "id": row.id,
        "realm": row.realm_id,
        "user": user.name,
        "app": app.shortnamelc if app else None,
        "cap": row.cap,
        "from": row.from_.isoformat() if row.from_ else None,
        "to": row.to.isoformat() if row.to else None,
        "setat": row.setat.isoformat(),
        "setby": row.setby,
    }


def label(user: User, cap: str, app: App | None) -> str:
    """Return the words by which the log calls a grant."""
    return f"{user.name}: {cap}" + (f" on {app.shortnamelc}" if app else "")


def apps_by_name(session: Session) -> dict[str, App]:
    """Return the apps of the realm by their names in lower case."""
    return {app.shortnamelc: app for app in session.scalars(select(App))}


def lowered(names: Iterable[str]) -> list[str]:
    """Return names in lower case, each once, without empty ones."""
    return list(dict.fromkeys(name.strip().lower() for name in names if name.strip()))


def keep_a_root(session: Session, now: datetime, *, without: Collection[int] = (), user_id: int | None = None) -> None:
    """Raise Refused 409 ``last_root`` if nobody held root effectively without some grants, or without an account."""
    roots = holders((ROOT,), now, CapGrant.id).where(CapGrant.realm_id == session.info["realm_id"])
    if without:
        roots = roots.where(CapGrant.id.not_in(without))
    if user_id is not None:
        roots = roots.where(CapGrant.user_id != user_id)
    if session.scalar(roots.limit(1)) is None:
        raise Refused(Problem("last_root", "The last holder of root has to stay."), status=409)


def root_only() -> Refused:
    """Return the refusal of somebody without root who touches root."""
    return Refused(Problem("root_only", "Only a holder of root grants or revokes root.", "caps", ROOT), status=403)


def bad_user(name: str, user: User | None, words: str = "active account") -> list[Problem]:
    """Return what is wrong with the account somebody named."""
    if not name.strip():
        return [Problem("required", "Name the account.", "user")]
    told = name.strip()[:SHOWN]
    return [] if user else [Problem("unknown_user", f"There is no {words} “{told}”.", "user", told)]


def unknown_names(caps: Iterable[str], apps: Iterable[str], known: dict[str, App]) -> list[Problem]:
    """Return a problem for each capability and app, in lower case, that there is not."""
    wrong = [cap[:SHOWN] for cap in caps if not is_known(cap)]
    missing = [app[:SHOWN] for app in apps if app not in known]
    return [
        *(Problem("unknown_cap", f"There is no capability {cap}.", "caps", cap) for cap in wrong),
        *(Problem("unknown_app", f"There is no app {app} here.", "apps", app) for app in missing),
    ]
