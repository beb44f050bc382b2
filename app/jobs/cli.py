"""Commands for runs: look, cancel, try again, report; what they print is relied on by scripts.

Exit status: 0 done, 1 refused, 2 wrong use, 3 there is no such run or realm, 4 it is not in a state for that.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.actor import CLI
from app.db import db, scope, utcnow
from app.jobs.actions import ending
from app.jobs.actions.opening import retry
from app.jobs.models import Job, Run, RunStatus
from app.jobs.queries import listing as queries
from app.jobs.queries.report import Wanted
from app.jobs.queries.sight import EVERYTHING
from app.jobs.reads.report import lines
from app.jobs.reads.tracked import Tracked, seen
from app.jobs.shown import figure, status
from app.realms.queries import realm_named
from app.refusal import Problem, Refused
from app.web.export import plain

Command = TypeVar("Command", bound=Callable[..., object])
EXITS = {404: 3, 409: 4}
jobs_group = AppGroup("jobs", help="Runs and their progress.")
groups = (jobs_group,)
FIELDS: dict[str, Callable[[Run, Job], object]] = {
    "number": lambda run, _job: run.number,
    "id": lambda run, _job: str(run.id),
    "job": lambda _run, job: job.name,
    "external_id": lambda run, _job: run.external_id,
    "attempt": lambda run, _job: run.attempt,
    "status": lambda run, _job: status(run, utcnow()),
    "progress": lambda run, _job: run.progress,
    "step": lambda run, _job: run.step,
    "began_at": lambda run, _job: plain(run.began_at),
    "ended_at": lambda run, _job: plain(run.ended_at),
    "ended_reason": lambda run, _job: run.ended_reason,
    "eta_at": lambda run, _job: plain(run.eta_at),
    "deadline_at": lambda run, _job: plain(run.deadline_at),
    "last_seen_at": lambda run, _job: plain(run.last_seen_at),
}


def _common(command: Command) -> Command:
    command = click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)
    return click.option("--realm", required=True, help="The realm.")(command)


@jobs_group.command("list")
@_common
@click.option("--status", "word", type=click.Choice([*map(str, RunStatus), "stalled"]), help="Only runs that stand so.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=50, show_default=True)
def list_runs(realm: str, word: str | None, limit: int, *, as_json: bool) -> None:
    """List runs, newest first."""
    with _session(realm) as session:
        _table(session.execute(queries.newest(word, utcnow(), limit)).all(), as_json=as_json)


@jobs_group.command("stalled")
@_common
def stalled(realm: str, *, as_json: bool) -> None:
    """List the runs that should have said something by now."""
    with _session(realm) as session:
        _table(session.execute(queries.newest("stalled", utcnow(), 1_000)).all(), as_json=as_json)


@jobs_group.command("show")
@click.argument("run")
@_common
def show(run: str, realm: str, *, as_json: bool) -> None:
    """Show one run by number or id."""
    with _session(realm) as session:
        one = _run(session, run)
        facts = _facts(one.run, one.job)
    if as_json:
        click.echo(json.dumps(facts))
        return
    for name, value in facts.items():
        click.echo(f"{name}: {'' if value is None else value}")


@jobs_group.command("cancel")
@click.argument("run")
@click.option("--why", default="", help="Why.")
@_common
def cancel(run: str, why: str, realm: str, *, as_json: bool) -> None:
    """Cancel a run that waits; ask the program of one that runs to stop."""
    with _session(realm, writes=True) as session:
        one = _run(session, run)
        done = ending.request_cancel(session, one, why, CLI)
        session.commit()
    said = {"number": one.run.number, "outcome": done.outcome, "children": done.children}
    words = "is cancelled" if done.outcome == "cancelled" else "is asked to stop"
    click.echo(json.dumps(said) if as_json else f"Run {one.run.number} {words}.")


@jobs_group.command("retry")
@click.argument("run")
@_common
def try_again(run: str, realm: str, *, as_json: bool) -> None:
    """Open a new attempt of a run that has ended."""
    with _session(realm, writes=True) as session:
        one = _run(session, run)
        provider = session.get(User, one.run.provider_id) if one.run.provider_id is not None else None
        if provider is None:
            raise Refused(Problem("not_tracked", "Only tracked runs are tried again from here."), status=409)
        made = retry(session, one, provider, CLI).run
        session.commit()
    said = {"number": made.number, "id": str(made.id), "attempt": made.attempt}
    click.echo(json.dumps(said) if as_json else f"Run {made.number} is attempt {made.attempt}.")


@jobs_group.command("report")
@click.option("--start", type=click.DateTime(), help="Events that happened since then (UTC).")
@click.option("--end", type=click.DateTime(), help="Events that happened before then (UTC). [default: now]")
@click.option("--tag", default="", help="Of one job.")
@click.option("--customer", default="", help="Of one customer, by login.")
@click.option("--realm", required=True, help="The realm.")
def report(start: Any, end: Any, tag: str, customer: str, *, realm: str) -> None:
    """Print every event of a span of time as CSV."""
    zone = utcnow().tzinfo
    begin, until = (at.replace(tzinfo=zone) if at is not None else None for at in (start, end))
    with _session(realm) as session:
        for text in lines(session, Wanted(begin, until or utcnow(), tag, customer.lower()), EVERYTHING):
            sys.stdout.write(text)


def _table(rows: Sequence[Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([_facts(run, job) for run, job in rows]))
        return
    for run, job in rows:
        percent = f"{figure(run.progress)} %" if run.progress is not None else ""
        name = f"{job.name} {run.external_id or ''}".strip()
        click.echo(f"{run.number:>8}  {status(run, utcnow()):<10} {percent:>7}  {name}")


def _facts(run: Run, job: Job) -> dict[str, object]:
    return {name: make(run, job) for name, make in FIELDS.items()}


def _run(session: Session, text: str) -> Tracked:
    """Return a run by number or id; raises Refused 404."""
    which: int | UUID | None = None
    if text.isascii() and text.isdigit() and len(text) < 19:  # noqa: PLR2004 - what a number of the database has
        which = int(text)
    elif len(text) == len(str(UUID(int=0))):
        try:
            which = UUID(text)
        except ValueError:
            which = None
    found = seen(session, which, EVERYTHING) if which is not None else None
    if found is None:
        raise Refused(Problem("not_found", f"There is no run {text}."), status=404)
    return found


@contextmanager
def _session(realm: str, *, writes: bool = False) -> Iterator[Session]:
    """Give a session tied to a realm; a refusal is told on standard error."""
    session = db.session()
    session.info["read_only"] = not writes
    try:
        scope(session, _realm(session, realm))
        yield session
    except Refused as refusal:
        session.rollback()
        for problem in refusal.problems:
            click.echo(problem.detail, err=True)
        raise SystemExit(EXITS.get(refusal.status, 1)) from None


def _realm(session: Session, name: str) -> int:
    found = session.scalar(realm_named(name))
    if found is None:
        raise Refused(Problem("unknown_realm", f"There is no realm {name}."), status=404)
    return found.id
