"""Commands for hooks, deliveries and the worker."""

import json
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.orm import Session

from app.changes.actor import CLI
from app.db import db, scope
from app.delivery import fields, signing
from app.delivery.actions import deliveries as delivery_acts
from app.delivery.actions import hooks as acts
from app.delivery.actions import switching
from app.delivery.drafts import HookDraft
from app.delivery.models import Delivery, Hook, State
from app.delivery.queries import deliveries as delivery_queries
from app.delivery.queries import hooks as queries
from app.delivery.testing import sent_now
from app.delivery.worker.loop import Loop
from app.realms.queries import realm_named
from app.refusal import Problem, Refused
from app.web.export import plain

hooks_group = AppGroup("hooks", help="Hooks: who is sent which changes.")
deliveries_group = AppGroup("deliveries", help="What hooks sent, and what came of it.")
REALM = click.option("--realm", required=True, help="The realm of the hook.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
MOST = 200


@hooks_group.command("list")
@REALM
@JSON
def hooks_list(realm: str, *, as_json: bool) -> None:
    """List hooks by name."""
    with _session(realm) as session:
        found = session.scalars(queries.hooks().order_by(Hook.name).limit(MOST)).all()
        _print(found, fields.HOOK, ("name", "enabled", "hook"), as_json=as_json)


@hooks_group.command("show")
@click.argument("name")
@REALM
@JSON
def hooks_show(name: str, realm: str, *, as_json: bool) -> None:
    """Show one hook, without its secrets."""
    with _session(realm) as session:
        _one(_hook(session, name), fields.HOOK, as_json=as_json)


@hooks_group.command("create")
@click.argument("file", type=click.File("rb"))
@REALM
@click.option("--owner", required=True, help="The account with whose rights it works.")
def hooks_create(file: Any, realm: str, owner: str) -> None:
    """Make a hook from JSON (- is standard input) and print its secret, alone; it is shown only now."""
    with _session(realm) as session:
        try:
            given = {**json.load(file), "owner": owner}
            draft = HookDraft(**given)
        except (ValueError, TypeError) as error:
            raise Refused(Problem("bad_json", f"Not a hook in JSON: {error}.")) from None
        _made, secret = acts.create(session, draft, CLI, by_root=True)
        session.commit()
    click.echo(secret)


@hooks_group.command("test")
@click.argument("name")
@REALM
@click.option("--seq", type=int, help="A past change to send; without it a ping.")
def hooks_test(name: str, realm: str, seq: int | None) -> None:
    """Send a test and say how it went; exit status 1 when it was not taken."""
    with _session(realm) as session:
        tried = sent_now(session, delivery_acts.test(session, _hook(session, name), seq, CLI))
        attempt = tried.attempt
        words = (
            f"{attempt.status or attempt.error} after {attempt.duration_ms} ms" if attempt else tried.delivery.reason
        )
        click.echo(f"{tried.delivery.state}: {words}")
        if tried.delivery.state not in (State.SUCCEEDED, State.WAITING):
            raise SystemExit(1)


@hooks_group.command("replay")
@click.argument("name")
@REALM
@click.option("--state", type=click.Choice([str(one) for one in delivery_acts.FINAL]), default="failed")
@click.option("--from", "low", type=int, help="The first change.")
@click.option("--to", "high", type=int, help="The last change.")
@click.option("--dry-run", is_flag=True, help="Only count.")
def hooks_replay(name: str, realm: str, *, state: str, low: int | None, high: int | None, dry_run: bool) -> None:
    """Send a hook's deliveries once more."""
    with _session(realm) as session:
        count = delivery_acts.replay_range(
            session, _hook(session, name), CLI, states=[State(state)], low=low, high=high, dry_run=dry_run
        )
        session.commit()
    click.echo(f"{count:,} {'would be' if dry_run else 'are'} sent once more.")


@hooks_group.command("disable")
@click.argument("name")
@REALM
def hooks_disable(name: str, realm: str) -> None:
    """Disable a hook; what is pending is paused."""
    with _session(realm) as session:
        hook = _hook(session, name)
        paused = switching.disable(session, hook, "by_hand", CLI) if hook.enabled else 0
        session.commit()
    click.echo(f"{name} is disabled; {paused:,} deliveries wait.")


@hooks_group.command("enable")
@click.argument("name")
@REALM
@click.option("--backlog/--drop", default=True, show_default=True, help="Send what was paused, or give it up.")
def hooks_enable(name: str, realm: str, *, backlog: bool) -> None:
    """Enable a hook."""
    with _session(realm) as session:
        hook = _hook(session, name)
        moved = switching.enable(session, hook, CLI, backlog=backlog) if not hook.enabled else 0
        session.commit()
    click.echo(f"{name} is enabled; {moved:,} deliveries {'are sent' if backlog else 'were given up'}.")


@hooks_group.command("rotate")
@click.argument("name")
@REALM
@click.option("--grace", default=24, show_default=True, help="Hours the old secret signs too, 0 to 168.")
def hooks_rotate(name: str, realm: str, grace: int) -> None:
    """Give a hook a new secret and print it, alone; it is shown only now."""
    with _session(realm) as session:
        secret = acts.rotate(session, _hook(session, name), CLI, grace_hours=grace)
        session.commit()
    click.echo(secret)


@hooks_group.command("sign", with_appcontext=False)
@click.option("--secret", required=True)
@click.option("--id", "message_id", required=True)
@click.option("--timestamp", required=True, type=int)
@click.argument("file", type=click.File("rb"))
def hooks_sign(file: Any, *, secret: str, message_id: str, timestamp: int) -> None:
    """Print the signature of a body (- is standard input); needs no database."""
    click.echo(_signed(signing.sign, secret, message_id, timestamp, file.read()))


@hooks_group.command("verify", with_appcontext=False)
@click.option("--secret", required=True)
@click.option("--id", "message_id", required=True)
@click.option("--timestamp", required=True, type=int)
@click.option("--signature", required=True)
@click.argument("file", type=click.File("rb"))
def hooks_verify(file: Any, *, secret: str, message_id: str, timestamp: int, signature: str) -> None:
    """Say whether a signature is that of a body; exit status 1 when it is not. Needs no database."""
    good = _signed(signing.verifies, secret, message_id, timestamp, file.read(), signature)
    click.echo("The signature verifies." if good else "The signature does not verify.")
    if not good:
        raise SystemExit(1)


@deliveries_group.command("list")
@REALM
@click.option("--hook", help="The name of a hook.")
@click.option("--state", type=click.Choice([str(one) for one in State]))
@JSON
def deliveries_list(realm: str, *, hook: str | None, state: str | None, as_json: bool) -> None:
    """List the newest 200 deliveries."""
    with _session(realm) as session:
        wanted = delivery_queries.Wanted(
            hook_id=_hook(session, hook).id if hook else None, state=State(state) if state else None
        )
        newest = delivery_queries.deliveries(wanted).order_by(Delivery.created_at.desc()).limit(MOST)
        found = session.scalars(newest).all()
        _print(found, fields.DELIVERY, ("id", "created_at", "type", "hook", "state", "status"), as_json=as_json)


@deliveries_group.command("show")
@click.argument("delivery_id", type=UUID)
@REALM
@JSON
def deliveries_show(delivery_id: UUID, realm: str, *, as_json: bool) -> None:
    """Show one delivery with its attempts."""
    with _session(realm) as session:
        found = _delivery(session, delivery_id)
        attempts = list(session.scalars(delivery_queries.attempts(delivery_id)))
        _one(found, fields.whole(found, attempts, bodies=True), as_json=as_json)


@deliveries_group.command("replay")
@click.argument("delivery_id", type=UUID)
@REALM
def deliveries_replay(delivery_id: UUID, realm: str) -> None:
    """Send a delivery that ended once more, under its old id."""
    with _session(realm) as session:
        delivery_acts.replay(session, _delivery(session, delivery_id), CLI)
        session.commit()
    click.echo("It is sent once more.")


@click.command("worker")
@click.option("--once", is_flag=True, help="Do all that is due, then end.")
@with_appcontext
def worker(*, once: bool) -> None:
    """Match, send and do what slices registered, until stopped by SIGTERM or Ctrl+C."""
    loop = Loop(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - threads need the app
    db.session.remove()
    if once:
        loop.once()
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.stop.set())
    loop.forever()


groups = (hooks_group, deliveries_group, worker)


@contextmanager
def _session(realm: str) -> Iterator[Session]:
    """Give a session tied to the realm; a refusal is told on standard error with exit status 1."""
    session = db.session()
    try:
        scope(session, _realm_id(session, realm))
        yield session
    except Refused as refusal:
        session.rollback()
        for problem in refusal.problems:
            click.echo(f"{problem.field}: {problem.detail}" if problem.field else problem.detail, err=True)
        raise SystemExit(1) from None


def _realm_id(session: Session, name: str) -> int:
    found = session.scalar(realm_named(name))
    if found is None:
        raise Refused(Problem("unknown_realm", f"There is no realm {name}."))
    return found.id


def _hook(session: Session, name: str) -> Hook:
    found: Hook | None = session.scalar(queries.named(name))
    if found is None:
        raise Refused(Problem("unknown_hook", f"There is no hook {name}."))
    return found


def _delivery(session: Session, delivery_id: UUID) -> Delivery:
    found: Delivery | None = session.scalar(delivery_queries.delivery(delivery_id))
    if found is None:
        raise Refused(Problem("unknown_delivery", f"There is no delivery {delivery_id}."))
    return found


def _signed(check: Any, *values: Any) -> Any:
    try:
        return check(*values)
    except ValueError as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from None


def _print(rows: Iterable[Any], of: fields.Fields, columns: tuple[str, ...], *, as_json: bool) -> None:
    for row in rows:
        told = {name: plain(make(row)) for name, make in of.items()}
        click.echo(json.dumps(told) if as_json else "  ".join(_text(told[name]) for name in columns))


def _one(row: Any, of: fields.Fields, *, as_json: bool) -> None:
    told = {name: plain(make(row)) for name, make in of.items()}
    if as_json:
        click.echo(json.dumps(told))
        return
    for name, value in told.items():
        click.echo(f"{name}: {_text(value)}")


def _text(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)
