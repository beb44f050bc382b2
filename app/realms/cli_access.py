"""Commands that explain, and that open and close realms."""

import click

from app.changes.actor import CLI
from app.db import db
from app.realms import access
from app.realms.actions.blocking import activate_realm, deactivate_realm
from app.realms.cli import reading, realms_group, writing

groups = (realms_group,)


@realms_group.command("why")
@click.argument("realm")
@click.argument("user")
@click.argument("cap")
@click.option("--app", help="The app, for capabilities that belong to one.")
@click.option("--at", default="", help="A moment such as 2036-01-05T12:00Z. [default: now]")
def realms_why(realm: str, user: str, cap: str, app: str | None, at: str) -> None:
    """Say whether an account may do something, and every line of why; the first line is "allowed" or the reason."""
    with reading(realm):
        found = access.answer(db.session(), access.Question(user, cap, app, access.moment(at)))
    click.echo(found.reason)
    for line in found.checks:
        click.echo(f"  {'yes' if line.ok else 'no ':<3}  {line.check:<8} {line.detail}")
    if found.can_grant:
        click.echo(f"It can be granted by {', '.join(found.can_grant)}.")


@realms_group.command("deactivate")
@click.argument("realm")
def realms_deactivate(realm: str) -> None:
    """Close a realm to everybody at once; nothing in it is lost."""
    with writing(realm) as session:
        row = deactivate_realm(session, actor=CLI)
    click.echo(f"{realm} is deactivated, by {row.deactby} since {row.deactat:%Y-%m-%d %H:%M} UTC.")


@realms_group.command("activate")
@click.argument("realm")
def realms_activate(realm: str) -> None:
    """Open a realm again."""
    with writing(realm) as session:
        was_closed = activate_realm(session, actor=CLI)
    click.echo(f"{realm} is active{' again' if was_closed else ' already'}.")
