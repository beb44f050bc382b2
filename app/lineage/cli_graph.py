"""Commands that take the graph along: impact of a node, and exports."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Final

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from app.db import db, scope, utcnow
from app.lineage.effects import effects, judged
from app.lineage.graph.answer import told
from app.lineage.graph.ask import question
from app.lineage.graph.export import dot, mermaid, table
from app.lineage.graph.model import Question, Subgraph
from app.lineage.graph.subgraph import subgraph
from app.lineage.graph.whole import whole
from app.lineage.reads.export import events_ndjson
from app.lineage.views.impact import as_csv, as_json
from app.realms.models import Realm
from app.refusal import Refused

TEXTS: Final[dict[str, Callable[[Subgraph], str]]] = {"csv": table, "dot": dot, "mermaid": mermaid}
FORMATS: Final = ("json", *TEXTS, "ndjson")


@click.command("impact")
@click.argument("start")
@click.option("--realm", help="Needed where there is more than one.")
@click.option("--direction", type=click.Choice(["down", "up"]), default="down", show_default=True)
@click.option("--column", help="Follow one column of the dataset.")
@click.option("--csv", "form", flag_value="csv", help="All columns of the page as CSV.")
@click.option("--json", "form", flag_value="json", help="The same as JSON.")
@with_appcontext
def impact(start: str, realm: str | None, direction: str, column: str | None, form: str | None) -> None:
    """List everything reachable from START, such as dataset:17 or job:5, the nearest first."""
    session, now = db.session(), utcnow()
    realm_id = _realm(session, realm)
    given = {"start": start, "direction": direction, "column": column or ""}
    asked = _asked(given, now)
    try:
        found = effects(session, realm_id, asked, "both", now)
    except NotFound:
        raise click.UsageError(f"There is no {start} in this realm.") from None
    judged(session, found.rows, now)
    if form is not None:
        for text in (as_csv if form == "csv" else as_json)(found, found.rows):
            click.echo(text, nl=False)
        return
    for row in found.rows:
        click.echo(f"{row.degree:>4}  {row.kind:<8} {row.token:<16} {row.title}  {', '.join(row.owners)}".rstrip())
    if found.reach.truncated:
        click.echo(f"incomplete: stopped at {len(found.rows):,} nodes", err=True)


@click.command("export")
@click.option("--realm", help="Needed where there is more than one.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="json", show_default=True)
@click.option("--start", multiple=True, help="Only what is around these nodes, such as dataset:17; else everything.")
@click.option("--direction", type=click.Choice(["both", "down", "up"]), default="both", show_default=True)
@click.option("--depth", default="3", show_default=True, help="How far from the start, 1 to 20.")
@click.option("--as-of", "as_of", default="", help="The graph as it was on a day or at a moment.")
@with_appcontext
def export(realm: str | None, form: str, start: tuple[str, ...], direction: str, depth: str, as_of: str) -> None:
    """Write the graph to standard output; ndjson are the OpenLineage events as they came."""
    session, now = db.session(), utcnow()
    realm_id = _realm(session, realm)
    if form == "ndjson":
        for text in events_ndjson(session, realm_id):
            click.echo(text, nl=False)
        return
    given = {"direction": direction, "depth": depth, "max": "250", "as_of": as_of}
    asked = _asked({**given, "start": ",".join(start) or "dataset:0"}, now)
    try:
        graph = (subgraph if start else whole)(session, realm_id, asked, now)
    except NotFound:
        raise click.UsageError(f"There is no {', '.join(start)} in this realm.") from None
    click.echo(TEXTS[form](graph) if form in TEXTS else json.dumps(told(graph, now)), nl=form == "json")


def _asked(given: dict[str, str], now: datetime) -> Question:
    try:
        return question(MultiDict(given), now)
    except Refused as refusal:
        raise click.UsageError("; ".join(f"{one.field}: {one.detail}" for one in refusal.problems)) from None


def _realm(session: Session, name: str | None) -> int:
    """Return the id of the realm named, of the only one without a name; the session is scoped to it."""
    session.info["read_only"] = True
    wanted = select(Realm.id, Realm.shortname).order_by(Realm.id).limit(2)
    rows = session.execute(wanted.where(Realm.shortname == name) if name else wanted).all()
    if len(rows) != 1:
        raise click.UsageError(f"There is no realm {name}." if name else "Say which --realm.")
    session.rollback()
    scope(session, rows[0].id)
    return int(rows[0].id)


commands = (impact, export)
