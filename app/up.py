"""``headwater up``: from nothing to a running product in one command."""

import socket
from datetime import datetime
from importlib.util import find_spec

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy.orm import Session

from app.accounts.actions.keys import KeyDraft, issue_key
from app.changes.actor import CLI
from app.config import Settings, for_serving
from app.db import db, scope, utcnow
from app.realms import queries
from app.realms.founding import Founded, create_realm
from app.refusal import Refused
from app.resource import resource
from app.serve import serve

ADMIN = "admin"
SCOPES = ("lineage.write", "jobs.write")


@click.command("up")
@click.option("--demo", is_flag=True, help="Make the realm demo and tell a company's story in it.")
@click.option("--still", is_flag=True, help="Let the demo stand as it was told: nothing moves by itself.")
@click.option("--realm", "name", help="Make this realm, empty, when it is absent.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_535))
@with_appcontext
def up(name: str | None, host: str, port: int, *, demo: bool, still: bool) -> None:
    """Migrate the database, make a realm with an admin, and serve; a second run keeps everything."""
    settings: Settings = current_app.config["SETTINGS"]
    _refuse_taken_port(host, port)
    upgrade(directory=str(resource("migrations")))
    wanted = "demo" if demo else name
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    moves = False
    if wanted:
        now = utcnow()
        _make(db.session(), wanted, url, now, demo=demo)
        moves = demo and not still and settings.simulator and _let_move(db.session(), settings, now)
    elif db.session.scalar(queries.realms().limit(1)) is None:
        click.echo("There is no realm yet. Make one with: headwater up --realm NAME")
    click.echo(f"Headwater is at {url} (stop it with Ctrl+C)")
    db.session.remove()
    db.engine.dispose()
    serve(for_serving(settings), host, port, simulates=moves)


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(f"{host}:{port} cannot be used: {error.strerror}") from None


def _make(session: Session, name: str, url: str, now: datetime, *, demo: bool) -> None:
    known = session.scalar(queries.realm_named(name))
    if known is not None:
        click.echo(f"Realm {name} is here already; its data was kept.")
        _steps(name, url, key=None)
        return
    try:
        founded = create_realm(session, name, long="Demo" if demo else name.capitalize(), root=ADMIN, actor=CLI)
        key = _first_key(session, founded)
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from None
    session.commit()
    if founded.password:
        click.echo(f"Sign in as {ADMIN} with the password {founded.password} (shown only now)")
    if demo:
        _tell_story(session, founded.realm.id, now)
    _steps(name, url, key)


def _first_key(session: Session, founded: Founded) -> str | None:
    from app.web.capabilities import is_known

    scopes = tuple(scope for scope in SCOPES if is_known(scope))
    if not scopes:
        return None
    draft = KeyDraft("First steps, made by headwater up", scopes)
    return issue_key(session, draft, user=founded.root, held=scopes, actor=CLI)[1]


def _tell_story(session: Session, realm_id: int, now: datetime) -> None:
    if find_spec("app.demo") is None:
        return
    from app import demo

    load = getattr(demo, "load", None)
    if load is None:
        return
    click.echo("Loading the demo ...")
    scope(session, realm_id)
    load(session, realm_id, now=now)
    session.commit()


def _let_move(session: Session, settings: Settings, now: datetime) -> bool:
    """Give the simulator its key when it has none; it goes on where the story ended, which it was told ``now``."""
    from app.demo.simulator.found import found

    realm = session.scalar(queries.realm_named("demo"))
    if realm is None:
        return False
    scope(session, realm.id)
    moves = found(session, settings.data_dir, now)
    session.commit()
    if moves:
        click.echo("Its runs go on while it is served; --still lets them rest.")
    return moves


def _steps(name: str, url: str, key: str | None) -> None:
    shown = key or f"$(headwater key issue --realm {name} --user {ADMIN} --note laptop --scope lineage.write)"
    event = (
        '{"eventType":"COMPLETE","eventTime":"2026-01-01T00:00:00Z","producer":"curl","schemaURL":"https://openlineage'
        '.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent","run":{"runId":"01941f29-7c00-7000-8000-000000000001"},'
        '"job":{"namespace":"curl","name":"first"},"inputs":[],"outputs":[]}'
    )
    click.echo("Next:")
    click.echo(f"  1. Sign in at {url}/sign-in")
    click.echo(
        f'  2. Send an event:\n     curl {url}/api/v1/lineage -H "Authorization: Bearer {shown}" '
        f"-H 'Content-Type: application/json' -d '{event}'"
    )
    click.echo(f"  3. Point a client here:\n     export OPENLINEAGE_URL={url} OPENLINEAGE_API_KEY={shown}")
