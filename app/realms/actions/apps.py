"""Make, rename and delete apps; what goes with one is logged whole."""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.actor import Actor
from app.changes.log import Entry, record, record_many, record_update
from app.changes.values import whole
from app.db import utcnow
from app.realms.actions.ledger import label
from app.realms.actions.ledger import whole as whole_grant
from app.realms.actions.rows import remove_rows
from app.realms.actions.turns import take_turn
from app.realms.models import App, CapGrant
from app.realms.queries import apps as queries
from app.realms.reads.contents import uses_of
from app.realms.sliced import app_tables
from app.refusal import Problem, Refused

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
LONGEST_NAME, LONGEST_TEXT = 24, 200
RESERVED = "all"


@dataclass(frozen=True, slots=True)
class AppDraft:
    """The name programs use and the one people read."""

    name: str = ""
    longname: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """What went with an app: its name, and how many grants, and rows of each table, went."""

    name: str
    grants: int
    rows: dict[str, int]


def add_app(session: Session, draft: AppDraft, *, actor: Actor) -> App:
    """Add an app to the realm of the session and log it; flushes.

    Raises Refused 422 with everything that is wrong, 409 ``exists`` where the name is taken in any case.
    """
    name, longname = draft.name.strip(), draft.longname.strip()
    problems = [*_bad_name(name), *bad_longname(longname)]
    if problems:
        raise Refused(*problems)
    take_turn(session)
    if session.scalar(queries.app_named(name)) is not None:
        raise Refused(Problem("exists", f"There is an app {name} already.", "name", name), status=409)
    app = App(
        realm_id=session.info["realm_id"],
        shortname=name,
        shortnamelc=name.lower(),
        longname=longname,
        setby=actor.name,
    )
    session.add(app)
    session.flush()
    fields = [("name", None, name), ("longname", None, longname)]
    record(session, "app.created", "app", app.id, name, actor, fields=fields)
    return app


def rename_app(session: Session, name: str, longname: str, *, actor: Actor) -> App:
    """Give an app another long name; raises Refused 404 for an unknown one, 422 for a bad long name. Flushes."""
    app, longname = _found(session, name), longname.strip()
    problems = bad_longname(longname)
    if problems:
        raise Refused(*problems)
    before = {"longname": app.longname}
    if record_update(
        session, "app.updated", "app", app.id, app.shortname, actor, before=before, after={"longname": longname}
    ):
        app.longname, app.setby, app.setat = longname, actor.name, utcnow()
        session.flush()
    return app


def remove_app(session: Session, name: str, *, actor: Actor) -> Gone:
    """Delete an app with everybody's grants on it and what is bound to it, each row logged whole. Flushes.

    Raises Refused 404 for an unknown one, 409 ``not_empty`` with ``counts`` while any slice of this realm uses it.
    """
    take_turn(session)
    app = _found(session, name)
    counts = uses_of(session, app)
    if any(counts.values()):
        words = ", ".join(f"{number} × {table}" for table, number in counts.items() if number)
        raise Refused(Problem("not_empty", f"The app is in use: {words}.", "name", app.shortname), status=409,
                      extra={"counts": counts})  # fmt: skip
    realm_id = session.info["realm_id"]
    rows = {
        table.name: remove_rows(session, table, table.of_app(realm_id, app.id), actor=actor)
        for table in reversed(app_tables(keeping=False))
    }
    grants = _take_grants(session, app, actor)
    record(session, "app.deleted", "app", app.id, app.shortname, actor, row=whole(app))
    session.delete(app)
    session.flush()
    return Gone(app.shortname, grants, rows)


def bad_longname(text: str) -> list[Problem]:
    """Return what is wrong with a long name."""
    if not text:
        return [Problem("required", "Give the name that people read.", "longname")]
    return [] if len(text) <= LONGEST_TEXT else [_too_long("longname", LONGEST_TEXT)]


def _bad_name(name: str) -> list[Problem]:
    if not name:
        return [Problem("required", "Give the app a name.", "name")]
    if len(name) > LONGEST_NAME:
        return [_too_long("name", LONGEST_NAME)]
    if not NAME.fullmatch(name):
        words = "Use letters, digits and underscores, beginning with a letter."
        return [Problem("bad_name", words, "name", name)]
    if name.lower() == RESERVED:
        return [Problem("reserved", "ALL means every app; choose another name.", "name", name)]
    return []


def _too_long(field: str, most: int) -> Problem:
    return Problem("too_long", f"Use at most {most} characters.", field)


def _found(session: Session, name: str) -> App:
    app = session.scalar(queries.app_named(name).with_for_update())
    if app is None:
        raise Refused(Problem("not_found", "There is no such app."), status=404)
    return app


def _take_grants(session: Session, app: App, actor: Actor) -> int:
    found: list[tuple[CapGrant, User]] = [(row[0], row[1]) for row in session.execute(queries.grants_on(app.id))]
    entries = [
        Entry(
            "capgrant.revoked",
            "capgrant",
            grant.id,
            label(user, grant.cap, app),
            row=whole_grant(grant, user, app),
        )
        for grant, user in found
    ]
    record_many(session, entries, actor)
    for grant, _user in found:
        session.delete(grant)
    session.flush()
    return len(found)
