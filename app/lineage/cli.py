"""Commands of lineage: take files in, tell what they amount to, rebuild."""

import json
import signal
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from types import FrameType

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.orm import Session

from app.changes.actor import CLI
from app.config import Settings
from app.db import db, scope
from app.lineage.cli_graph import commands as graph_commands
from app.lineage.cli_retention import retention
from app.lineage.facts import SHAPES
from app.lineage.parallel import parse_part
from app.lineage.progress import Bar
from app.lineage.reading import EventFile, find_files
from app.lineage.worker import Bad, Progress, Taking, find_import, finish, refusals, take_in
from app.realms import queries

REJECTED, UNREADABLE, INTERRUPTED = 1, 3, 130
lineage_group = AppGroup("lineage", help="What events amount to.")


@click.command("ingest")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--realm", required=True)
@click.option("--batch", default=500, show_default=True, type=click.IntRange(1, 10_000), help="Events a transaction.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes; one of them stores.")
@click.option("--restart", is_flag=True, help="Begin anew instead of going on where it was interrupted.")
@click.option("--dry-run", is_flag=True, help="Only say what would be refused; nothing is stored.")
@click.option("--quiet", is_flag=True, help="Tell nothing but what was refused.")
@with_appcontext
def ingest_files(
    files: Sequence[str], realm: str, batch: int, jobs: int, *, restart: bool, dry_run: bool, quiet: bool
) -> None:
    """Take in OpenLineage events from files, folders or standard input (-).

    NDJSON, a JSON array, {"events": [...]} or one object, each also gzipped. Exit status: 0 all taken, 1 some refused
    (printed as file:line code path), 2 wrong use, 3 a file cannot be read, 130 interrupted; the same command goes on.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    settings: Settings = current_app.config["SETTINGS"]
    session = db.session()
    realm_id, mask = _realm_id(session, realm), settings.mask == "store"
    taking = Taking(realm_id, CLI, batch, mask, settings.ingest_max_bytes, jobs)
    found, status = _find(files)
    run = _Run(session, taking, Bar(sum(file.size for file in found), quiet=quiet), restart=restart, dry_run=dry_run)
    try:
        for file in found:
            status = max(status, run.take(file))
    except KeyboardInterrupt:
        session.rollback()
        run.stop()
        raise SystemExit(INTERRUPTED) from None
    run.end(quiet=quiet)
    raise SystemExit(status or (REJECTED if run.rejected else 0))


class _Run:
    """One call of the command: its files, bar and sums."""

    def __init__(self, session: Session, taking: Taking, bar: Bar, *, restart: bool, dry_run: bool) -> None:
        self.session = session
        self.taking = taking
        self.bar = bar
        self.restart = restart
        self.dry_run = dry_run
        self.sums = {"accepted": 0, "duplicate": 0, "rejected": 0}
        self.events = self.bytes = self.rejected = 0
        self.current: int | None = None

    def take(self, file: EventFile) -> int:
        """Take one file in; returns 0, or 3 when it cannot be read on."""
        try:
            if self.dry_run:
                self._check(file)
            else:
                self._store(file)
        except (OSError, EOFError) as error:
            self.session.rollback()
            self.bar.clear()
            click.echo(f"{file.name}: {error}", err=True)
            if self.current is not None:
                finish(self.session, self.taking.realm_id, self.current, "failed", str(error))
            return UNREADABLE
        finally:
            self.bytes += file.size
        self.current = None
        return 0

    def _store(self, file: EventFile) -> None:
        row = find_import(self.session, self.taking, file, restart=self.restart)
        self.current = row.id
        if row.position:
            self.bar.clear()
            click.echo(f"{file.name}: going on behind event {row.position:,}", err=True)
        # What an earlier, interrupted call refused counts towards the exit status: the file as a whole is judged.
        self.rejected += row.rejected
        last = Progress(row.offset, row.position, row.accepted, row.duplicates, row.rejected)

        def tell(now: Progress, bad: Sequence[Bad]) -> None:
            nonlocal last
            self.events += now.position - last.position
            for name, old, new in (
                ("accepted", last.accepted, now.accepted),
                ("duplicate", last.duplicates, now.duplicates),
                ("rejected", last.rejected, now.rejected),
            ):
                self.sums[name] += new - old
            last = Progress(now.offset, now.position, now.accepted, now.duplicates, now.rejected)
            self._tell(bad, now.offset)

        take_in(self.session, self.taking, row, file, tell)

    def _check(self, file: EventFile) -> None:
        with closing(file.records()) as records:
            for record in records:
                bad = refusals(*parse_part(file.name, [record], self.taking.reading))
                self.sums["rejected" if bad else "accepted"] += 1
                self.events += 1
                self._tell(bad, file.offset)

    def _tell(self, bad: Sequence[Bad], offset: int) -> None:
        self.rejected += len(bad)
        if bad:
            self.bar.clear()
        for each in bad:
            click.echo(f"{each.ref} {each.code} {each.path}")
        self.bar.show(self.bytes + offset, self.events, self.sums)

    def stop(self) -> None:
        """Say that the same command goes on."""
        self.bar.clear()
        if self.current is not None:
            finish(self.session, self.taking.realm_id, self.current, "stopped")
        click.echo("Interrupted; the same command goes on behind the last committed batch.", err=True)

    def end(self, *, quiet: bool) -> None:
        """Tell the sums."""
        self.bar.show(self.bytes, self.events, self.sums, end=True)
        if not quiet:
            click.echo(", ".join(f"{number:,} {name}" for name, number in self.sums.items()), err=True)


@lineage_group.command("facts")
@click.option("--realm", required=True)
@click.option("--shape", type=click.Choice(list(SHAPES)), default="sets", show_default=True)
def facts(realm: str, shape: str) -> None:
    """Print what all events of a realm amount to, as one JSON object."""
    session = db.session()
    session.info["read_only"] = True
    json.dump(SHAPES[shape](session, _realm_id(session, realm)), sys.stdout, ensure_ascii=False)
    sys.stdout.write("\n")


@lineage_group.command("rebuild")
@click.option("--realm", required=True)
@click.option("--check", is_flag=True, help="Change nothing, print differences; exit status 1 if there are any.")
@click.option("--since", type=click.DateTime(), help="Only what events since then (UTC) tell of.")
def rebuild(realm: str, *, check: bool, since: datetime | None) -> None:
    """Recompute everything derived from the events as they came."""
    from app.lineage.rebuild import rebuild as run

    engine, folder = db.engine, current_app.config["SETTINGS"].data_dir
    moment = since.replace(tzinfo=UTC) if since else None
    report = run(lambda: Session(engine), _realm_id(db.session(), realm), folder, check=check, since=moment)
    for line in report.examples:
        click.echo(line)
    differing = sum(report.differences.values())
    click.echo(f"{report.events:,} events, {differing:,} differences {'found' if check else 'put right'}", err=True)
    if check and differing:
        raise SystemExit(REJECTED)


def _realm_id(session: Session, name: str) -> int:
    found = session.scalar(queries.realm_named(name))
    realm_id = found.id if found else 0
    session.rollback()
    if found is None:
        raise click.UsageError(f"There is no realm {name}.")
    scope(session, realm_id)
    return realm_id


def _find(names: Sequence[str]) -> tuple[list[EventFile], int]:
    found: list[EventFile] = []
    status = 0
    for name in names:
        try:
            found += find_files(name)
        except OSError as error:
            click.echo(f"{name}: {error.strerror}", err=True)
            status = UNREADABLE
    return found, status


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


for command in (retention, *graph_commands):
    lineage_group.add_command(command)
groups = (ingest_files, lineage_group)
