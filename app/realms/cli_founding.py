"""Commands that make and list realms; no page and no API call does."""

import click
from flask.cli import AppGroup

from app.changes.actor import CLI
from app.db import db, scope
from app.realms import queries
from app.realms.actions.slices import settle
from app.realms.cli import realms_group
from app.realms.founding import create_realm
from app.refusal import Refused

groups: tuple[AppGroup, ...] = (realms_group,)


@realms_group.command("create")
@click.argument("name")
@click.option("--long", required=True, help="The name people read.")
@click.option("--root", required=True, help="The account that holds root; made when it is new.")
def realms_create(name: str, long: str, root: str) -> None:
    """Make a realm with its first slice; prints the password of a new root account once."""
    session = db.session()
    try:
        founded = create_realm(session, name, long=long, root=root, actor=CLI)
    except Refused as refusal:
        session.rollback()
        for problem in refusal.problems:
            click.echo(problem.detail, err=True)
        raise SystemExit(1) from None
    session.commit()
    click.echo(f"Realm {name} is ready; {founded.root.name} holds root.")
    if founded.password:
        click.echo(f"Password of {founded.root.name}: {founded.password}")


@realms_group.command("list")
def realms_list() -> None:
    """List the realms, one a line: short name, a tab, long name."""
    for realm in db.session.scalars(queries.realms()):
        click.echo(f"{realm.shortname}\t{realm.longname}")


@realms_group.command("tick")
def realms_tick() -> None:
    """Write down which slices their schedule has switched by now; they are switched without it, too."""
    session = db.session()
    for realm in session.scalars(queries.realms()).all():
        scope(session, realm.id)
        number = settle(session, actor=CLI)
        session.commit()
        if number:
            click.echo(f"{realm.shortname}: {number} {'slice' if number == 1 else 'slices'} brought up to date.")
