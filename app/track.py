"""``headwater track -- COMMAND``: run a command and tell how it goes, by HTTP alone, without the application."""

import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import click

from headwater_client import Job, flush

FORWARDED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
NOT_FOUND, NOT_RUN, BY_SIGNAL = 127, 126, 128
# Seconds that output of a command is waited for after its end: what it left running may hold it open for ever.
LAST_WORDS_S, LOOK_S = 1.0, 0.5
ANSI = re.compile(rb"\x1b\[[0-9;?]*[ -/]*[@-~]")


@click.command(
    "track", context_settings={"allow_interspersed_args": False}, short_help="Run a command and report how it goes."
)
@click.option("--job", "name", help="The job it is a run of.  [default: the name of the command]")
@click.option("--run", help="The id of the run within its job.  [default: the time, and some letters]")
@click.option("--step", help="Report the command as this step of the run.")
@click.option("--customer", help="Login or id of the customer the run is for.")
@click.option("--provider", help="Login of the provider on whose behalf an operator reports.")
@click.option("--no-log", is_flag=True, help="Leave output alone: it is not reported, and a terminal stays one.")
@click.option("--no-cancel", is_flag=True, help="Go on when somebody asks the run to stop.")
@click.option(
    "--grace", default=10.0, show_default=True, help="Seconds between SIGTERM and SIGKILL when it is to stop."
)
@click.option("--flush", "flushes", is_flag=True, help="Send what earlier runs could not, and run nothing.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def track(name: str | None, command: tuple[str, ...], *, flushes: bool, **how: object) -> None:
    """Run COMMAND, report its start, log, exit code and that it is alive, and exit as it does.

    HEADWATER_TRACK_URL and HEADWATER_TRACK_KEY say where to and as whom. Nothing that happens there changes what
    COMMAND does: what cannot be sent is kept in HEADWATER_TRACK_SPOOL for the next run or --flush.
    """
    logging.basicConfig(format="headwater: %(message)s", stream=sys.stderr)
    if flushes:
        sent, waits = flush()
        click.echo(f"{sent} {'run' if sent == 1 else 'runs'} sent, {waits} still waiting")
        raise SystemExit(1 if waits else 0)
    if not command:
        raise click.UsageError("Say what to run: headwater track --job NAME -- COMMAND")
    job = Job(name or Path(command[0]).name, str(how["run"] or "") or None)
    job.line.opening |= {field: how[field] for field in ("customer", "provider") if how[field]}
    watch = Watch(job, command, str(how["step"] or ""), reads=not how["no_log"])
    raise SystemExit(watch.run(cancels=not how["no_cancel"], grace=float(str(how["grace"]))))


class Watch:
    """A command, the run that tells of it, and what is known of how it ends."""

    def __init__(self, job: Job, command: Sequence[str], step: str, *, reads: bool) -> None:
        self.job, self.command, self.step, self.reads = job, command, step, reads
        self.over, self.is_stopped, self.last, self.forwarded = threading.Event(), False, b"", ""
        # At a terminal Ctrl+C reaches the command by itself, and a group of its own could not read.
        self.is_apart = not sys.stdin.isatty()
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *, cancels: bool, grace: float) -> int:
        """Run the command to its end; returns the exit code to leave with, as a shell would have it."""
        self.job.start()
        if self.step:
            self.job.say("running", step=self.step)
        self._listen()
        pipe = subprocess.PIPE if self.reads else None
        try:
            self.process = subprocess.Popen(  # noqa: S603 - running it is what we are for
                self.command, stdout=pipe, stderr=pipe, process_group=0 if self.is_apart else None
            )
        except OSError as error:
            sys.stderr.write(f"headwater: {self.command[0]}: {error.strerror}\n")
            self._end("failed", f"{self.command[0]}: {error.strerror}")
            return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_RUN
        pumps = self._pumps(self.process)
        if cancels:
            threading.Thread(target=self._cancel, args=(grace,), daemon=True).start()
        code = self.process.wait()
        self.over.set()
        for pump in pumps:
            pump.join(LAST_WORDS_S)
        self._tell(code)
        return code if code >= 0 else BY_SIGNAL - code

    def _pumps(self, process: subprocess.Popen[bytes]) -> list[threading.Thread]:
        ways = [(process.stdout, 1), (process.stderr, 2)]
        found = [threading.Thread(target=self._pump, args=way, daemon=True) for way in ways if way[0] is not None]
        for pump in found:
            pump.start()
        return found

    def _pump(self, pipe: BinaryIO, to: int) -> None:
        """Pass output on as it comes, and report it; where nobody reads any more, the command learns it as ever."""
        with pipe:
            try:
                while data := os.read(pipe.fileno(), 1 << 16):
                    self.job.log(data)
                    if to == 2:  # noqa: PLR2004 - standard error
                        self.last = (self.last + data)[-4096:]
                    while data:
                        data = data[os.write(to, data) :]
            except OSError:
                return

    def _listen(self) -> None:
        for name in FORWARDED:
            known = getattr(signal, name, None)
            # What our parent told us to ignore, as nohup does, stays ignored.
            if known is not None and signal.getsignal(known) is not signal.SIG_IGN:
                signal.signal(known, self._forward)

    def _forward(self, number: int, _frame: object) -> None:
        self.forwarded = signal.Signals(number).name
        if self.is_apart or self.forwarded not in ("SIGINT", "SIGQUIT"):
            self._signal(number)

    def _signal(self, number: int) -> None:
        """Send a signal to the command and what it started."""
        if self.process is not None and self.process.returncode is None:
            try:
                os.killpg(self.process.pid, number) if self.is_apart else self.process.send_signal(number)
            except OSError:
                return

    def _cancel(self, grace: float) -> None:
        while not self.over.wait(LOOK_S):
            if self.job.cancel_requested:
                self.is_stopped = True
                self._signal(signal.SIGTERM)
                if not self.over.wait(grace):
                    self._signal(signal.SIGKILL)
                return

    def _tell(self, code: int) -> None:
        words = ANSI.sub(b"", self.last).decode("utf-8", "replace").strip()
        last = words.splitlines()[-1].strip() if words else ""
        if self.is_stopped:
            self._end("cancelled", "stopped as asked")
        elif code == 0:
            self._end("completed", "")
        elif code < 0:
            after = f", {self.forwarded} was passed on" if self.forwarded else ""
            self._end("failed", f"killed by {signal.Signals(-code).name}{after}")
        else:
            self._end("failed", f"exit {code}: {last}" if last else f"exit {code}")

    def _end(self, status: str, reason: str) -> None:
        if self.step:
            self.job.say("step" if status == "completed" else "error", step=self.step, reason=reason)
        self.job.end(status, reason)
