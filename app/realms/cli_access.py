"""Commands that explain, and that open and close realms."""

import click

from app.db import db
from app.realms import access
from app.realms.cli import reading, realms_group

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
