"""The one decision: may this account do this here now, and if not, why and who can help."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, overload

from app.web.capabilities import satisfies
from app.web.guard import Check
from app.web.identity import Identity


@dataclass(frozen=True, slots=True)
class RealmFacts:
    """The realm of a request, as pages need it."""

    id: int
    shortname: str
    longname: str
    default_slice_id: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """One grant; ``app`` is the app's name in lower case, None for realm-level capabilities."""

    id: int
    cap: str
    app: str | None
    from_: datetime | None
    to: datetime | None

    def is_open(self, at: datetime) -> bool:
        """Return whether the window contains a moment: its beginning is in, its end is out."""
        return (self.from_ is None or self.from_ <= at) and (self.to is None or at < self.to)

    def words(self, cap: str) -> str:
        """Return what it is in words, and that it implies what is asked."""
        where = f" on {self.app}" if self.app else ""
        implies = "" if self.cap == cap else f", which implies {cap}"
        return f"{self.cap}{where}{implies}"

    def opens(self, cap: str, app: str | None) -> bool:
        """Return whether the capability is or implies ``cap``; a grant on one app opens only that app."""
        return satisfies(self.cap, cap) and (self.app is None or app is None or self.app == app.lower())


@dataclass(frozen=True, slots=True)
class Standing:
    """What one account is (``role`` in job tracking, None without membership) and holds in one realm at one moment."""

    who: Identity
    realm: RealmFacts
    at: datetime
    is_member: bool
    held: tuple[Held, ...]
    realm_deactivated: tuple[str, datetime] | None = None
    deactivated: tuple[str, datetime] | None = None
    role: str | None = None

    @property
    def is_known_here(self) -> bool:
        """Return whether the realm exists for this account at all."""
        return self.is_member or bool(self.held)

    @property
    def rescues(self) -> bool:
        """Return whether the realm is deactivated and the account would hold root if it were not."""
        return self.realm_deactivated is not None and replace(self, realm_deactivated=None).holds("root")

    def holds(self, *caps: str, app: str | None = None) -> bool:
        """Return whether any of the capabilities would be allowed; no statement, for buttons and navigation."""
        return any(all(line.ok for line in self.explain(cap, app)) for cap in caps)

    def explain(self, cap: str, app: str | None = None) -> list[Check]:
        """Return every line of the decision in order; the first that is not ok is the reason."""
        lines = [*self.admission(), self._scope(cap), self._grant(cap, app)]
        return lines if app is None else [*lines, self._app(cap, app)]

    def admission(self) -> list[Check]:
        """Return the lines that come before any capability: account, realm, person, key."""
        active = self.who.is_active
        return [
            Check("account", active, "account_inactive", f"The account is {'active' if active else 'not active'}."),
            _not_deactivated("realm", "realm_deactivated", self.realm_deactivated),
            _not_deactivated("person", "deactivated", self.deactivated),
            self._key(),
        ]

    def _key(self) -> Check:
        key = self.who.key
        if key is None:
            return Check("key", ok=True, detail="No key is used.")
        if key.realm_id != self.realm.id:
            return Check("key", ok=False, reason="not_found")
        if key.revoked_at is not None:
            return Check("key", ok=False, reason="key_revoked", detail="The key was revoked.")
        expired = key.expires_at is not None and key.expires_at <= self.at
        return Check("key", not expired, "key_expired", "The key has expired." if expired else "The key is live.")

    def _scope(self, cap: str) -> Check:
        key = self.who.key
        if key is None:
            return Check("scope", ok=True, detail="No key limits it.")
        ok = any(satisfies(scope, cap) for scope in key.scopes)
        return Check("scope", ok, "scope", f"The key was {'' if ok else 'not '}given {cap}.")

    def _grant(self, cap: str, app: str | None) -> Check:
        fitting = [held for held in self.held if satisfies(held.cap, cap)]
        fitting = [held for held in fitting if held.opens(cap, app)] or fitting
        for held in fitting:
            if held.is_open(self.at):
                return Check("grant", ok=True, detail=f"Holds {held.words(cap)}.", grant=held.id)
        if fitting:
            last = fitting[0]
            early = last.from_ is not None and self.at < last.from_
            words = f"from {last.from_:%Y-%m-%d %H:%M} UTC" if early else f"until {last.to:%Y-%m-%d %H:%M} UTC"
            return Check("grant", ok=False, reason="window_closed", detail=f"Granted only {words}.", grant=last.id)
        return Check("grant", ok=False, reason="capability", detail=f"This needs {cap}.")

    def _app(self, cap: str, app: str) -> Check:
        open_ = [held for held in self.held if satisfies(held.cap, cap) and held.is_open(self.at)]
        for held in open_:
            if held.opens(cap, app):
                return Check("app", ok=True, detail=f"It reaches {app}.", grant=held.id)
        where = ", ".join(sorted({held.app for held in open_ if held.app})) or "no app"
        return Check("app", ok=False, reason="other_app", detail=f"Held on {where}, not on {app}.")


def _not_deactivated(check: str, reason: str, row: tuple[str, datetime] | None) -> Check:
    if row is None:
        return Check(check, ok=True, detail=f"The {check} is not deactivated here.")
    words = f"The {check} was deactivated by {row[0]} on {row[1]:%Y-%m-%d %H:%M} UTC."
    return Check(check, ok=False, reason=reason, detail=words)


def first_failure(checks: Iterable[Check]) -> Check | None:
    """Return the line that says no, None when all say yes."""
    return next((line for line in checks if not line.ok), None)


def standing_of(rows: Sequence[Any], who: Identity, at: datetime) -> Standing | None:
    """Build the standing from the rows of ``queries.standing``; None when there is no such realm."""
    if not rows:
        return None
    first = rows[0]
    held = {row.grant_id: Held(row.grant_id, row.cap, row.app, row.from_, row.to) for row in rows if row.grant_id}
    return Standing(
        who=who,
        realm=RealmFacts(first.id, first.shortname, first.longname, first.default_slice_id),
        at=at,
        is_member=first.membership_id is not None,
        held=tuple(held.values()),
        realm_deactivated=(first.realm_deactby, first.realm_deactat) if first.realm_deactat else None,
        deactivated=(first.deactby, first.deactat) if first.deactat else None,
        role=first.role,
    )


@overload
def cap_filter(held: Sequence[Any], caps: Sequence[str], apps: None = None) -> list[str]: ...
@overload
def cap_filter(held: Sequence[Any], caps: Sequence[str], apps: Sequence[str]) -> dict[str, list[str]]: ...
def cap_filter(
    held: Sequence[Any], caps: Sequence[str], apps: Sequence[str] | None = None
) -> list[str] | dict[str, list[str]]:
    """Return what is left to grant after what is held: names, or with apps the names for each app.

    ``held`` are names for realm-level capabilities, objects with ``app`` and ``cap`` for those of apps.
    """
    if apps is None:
        names = {each.lower() for each in held if isinstance(each, str)}
        return [cap for cap in caps if cap.lower() not in names]
    pairs = {(each["app"].lower(), each["cap"].lower()) for each in held}
    left = {app: [cap for cap in caps if (app.lower(), cap.lower()) not in pairs] for app in apps}
    return {app: names for app, names in left.items() if names}
