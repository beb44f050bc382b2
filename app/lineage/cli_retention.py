"""The command that takes away what is no longer kept."""

import click
from flask.cli import with_appcontext

from app.changes.actor import CLI
from app.db import db, scope, utcnow
from app.lineage.retention import WORDS, keep, preview
from app.realms import queries


@click.command("retention")
@click.option("--realm", required=True)
@click.option("--dry-run", is_flag=True, help="Only count what would go.")
@with_appcontext
def retention(realm: str, *, dry_run: bool) -> None:
    """Take away events, runs and days of edges that are older than the realm's settings keep."""
    session = db.session()
    found = session.scalar(queries.realm_named(realm))
    if found is None:
        raise click.UsageError(f"There is no realm {realm}.")
    realm_id = found.id
    session.rollback()
    scope(session, realm_id)
    if dry_run:
        for each in preview(session, realm_id, utcnow()):
            click.echo(f"{WORDS[each.kind]} from before {each.before}: {each.words} would go")
        return
    report = keep(session, realm_id, CLI)
    for kind, count in report.removed.items():
        click.echo(f"{WORDS[kind]}: {count:,} {'folded into months' if kind == 'edges' else 'removed'}")
