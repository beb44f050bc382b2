"""Report what a program does to Headwater: this one file, the standard library, and never a reason to fail.

    from headwater_client import Job

    with Job("nightly", run="2026-11-22") as job:
        with job.step("load") as step:
            step.progress(0.4)
            step.metadata(rows=18_231)

HEADWATER_TRACK_URL and HEADWATER_TRACK_KEY say where to and as whom. A thread sends in the background; what cannot be
sent waits in HEADWATER_TRACK_SPOOL (``~/.local/state/headwater``) for the next start or ``headwater track --flush``.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime, timezone
from functools import wraps
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from uuid import uuid4

__all__ = ["Cancelled", "Job", "Step", "flush", "tracked"]
log = logging.getLogger("headwater")
MOST_EVENTS, MOST_LOG, CHUNK, MOST_FILES = 10_000, 1 << 20, 64 * 1024, 200
GATHER_S, LONGEST_PAUSE_S, SPARING_S = 0.25, 10.0, 1.0
KEPT = frozenset((401, 403, 408, 425, 429))  # refusals that another key or another moment may cure
Function = TypeVar("Function", bound=Callable[..., Any])


class Cancelled(Exception):  # noqa: N818 - named as the program reads it
    """Raise it in a job that was asked to stop: the run ends as cancelled."""


class Away(Exception):  # noqa: N818 - what the server is, not what went wrong here
    """The server cannot be reached, or cannot answer now."""


class Refused(Exception):  # noqa: N818 - the server said no
    """The server will never take this."""


class Server:
    """A Headwater and the key to it; ``timeout`` seconds for each step of a request."""

    def __init__(self, url: str, key: str, timeout: float = 5.0) -> None:
        self.url, self.key, self.timeout = url.rstrip("/"), key, timeout

    def post(self, path: str, body: object, once: str = "") -> dict[str, Any]:
        """Send JSON, or bytes as text, below /api/v1; ``once`` is an Idempotency-Key. Raises Away or Refused."""
        # Imported by the thread that sends: the program does not wait for it.
        from urllib.error import HTTPError
        from urllib.request import Request, urlopen

        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "text/plain" if data is body else "application/json"
        head = {"Authorization": f"Bearer {self.key}", "Content-Type": kind}
        head |= {"Idempotency-Key": once} if once else {}
        try:
            request = Request(f"{self.url}/api/v1{path}", data, head)  # noqa: S310 - Job checks the scheme
            with urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
                found = json.loads(answer.read(1 << 24) or b"{}")
                return found if isinstance(found, dict) else {}
        except HTTPError as error:
            words = f"{error.code} {error.reason}"
            with error, contextlib.suppress(Exception):
                words = f"{error.code}, {json.loads(error.read(1 << 16))['detail']}"
            raise (Refused if error.code in range(400, 500) and error.code not in KEPT else Away)(words) from None
        except Exception as error:  # noqa: BLE001 - all else that goes wrong on the way
            raise Away(f"{type(error).__name__}: {error}") from None


class Line:
    """What one run has still to say, in memory and, where the server is away, in one file of the spool."""

    def __init__(self, server: Server, file: Path | None, kept: dict[str, Any]) -> None:
        self.server, self.file, self.lock = server, file, threading.Lock()
        self.opening, self.nonce, self.run = kept["opening"], kept["nonce"], kept.get("run")
        self.events: deque[dict[str, Any]] = deque(kept.get("events", ()))
        self.logs: deque[tuple[int, bytes]] = deque((at, text.encode("latin-1")) for at, text in kept.get("logs", ()))
        self.offset, self.sending, self.is_asked_to_stop = 0, -1, False
        self.is_saved, self.is_lost = "events" in kept, False

    def say(self, event: dict[str, Any]) -> None:
        """Add an event; beyond 10,000 only ends are taken."""
        with self.lock:
            if len(self.events) < MOST_EVENTS or event["kind"] in ("complete", "error", "cancelled"):
                self.events.append(event)

    def write(self, data: bytes) -> None:
        """Add to the log; what is oldest goes when a megabyte waits."""
        with self.lock:
            last = self.logs[-1] if self.logs else (0, b"")
            if self.logs and len(last[1]) + len(data) <= CHUNK and last[0] != self.sending:
                self.logs[-1] = (last[0], last[1] + data)
            else:
                self.logs.extend((self.offset + at, data[at : at + CHUNK]) for at in range(0, len(data), CHUNK))
            self.offset += len(data)
            while len(self.logs) > MOST_LOG // CHUNK:
                self.logs.popleft()

    def deliver(self, *, is_alive: bool = False) -> None:
        """Send everything, or with ``is_alive`` at least a sign of life. Raises Away and Refused; the rest stays."""
        if self.run is None:
            self.run = str(self.server.post("/jobs/runs", self.opening, self.nonce)["id"])
            if self.is_saved:
                self.save()
        if is_alive and not self.events and not self.logs:
            self._post("heartbeat", {})
        while self.events:
            with self.lock:
                batch = [event for event in islice(self.events, 100) if event["kind"] != "cancelled"]
            self._tell(batch) if batch else self._cancelled(self.events[0])
            with self.lock:
                for _ in range(len(batch) or 1):
                    self.events.popleft()
        while self.logs:
            with self.lock:
                # A chunk that was tried once stays as it is: the server knows by its offset that it comes again.
                self.sending, data = self.logs[0]
            self._post(f"log?offset={self.sending}", data)
            with self.lock:
                if self.logs and self.logs[0][0] == self.sending:
                    self.logs.popleft()
        self.forget()

    def _tell(self, batch: list[dict[str, Any]]) -> None:
        for result in self._post("events", batch).get("results", ()):
            if "error" in result:
                log.warning("Headwater did not take an event: %s", result["error"].get("detail"))

    def _cancelled(self, event: dict[str, Any]) -> None:
        self._post("completion", {"status": "cancelled", "reason": event.get("reason")}, f"{self.nonce}-end")

    def _post(self, what: str, body: object, once: str = "") -> dict[str, Any]:
        answer = self.server.post(f"/jobs/runs/{self.run}/{what}", body, once)
        self.is_asked_to_stop = bool(answer.get("cancel_requested", self.is_asked_to_stop))
        return answer

    def save(self) -> None:
        """Keep what is left in the spool, all of it or nothing; trouble with the disk is told, not raised."""
        with self.lock:
            logs = [(at, data.decode("latin-1")) for at, data in self.logs]
            kept = {"url": self.server.url, "opening": self.opening, "nonce": self.nonce, "run": self.run}
            kept |= {"events": list(self.events), "logs": logs}
        if self.file is None or not (kept["events"] or kept["logs"]):
            return
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self.is_saved and len(list(self.file.parent.glob("*.json"))) >= MOST_FILES:
                raise OSError(f"{MOST_FILES} runs wait there already")  # noqa: TRY301 - told once, below
            part = self.file.with_suffix(f".{threading.get_ident()}.part")
            with open(part, "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                json.dump(kept, file)
            part.replace(self.file)
            self.is_saved = True
        except Exception as error:  # noqa: BLE001 - the job goes on whatever the disk does
            if not self.is_lost:
                log.warning("Headwater is away and nothing can be kept in %s: %s", self.file.parent, error)
            self.is_lost = True

    def forget(self) -> None:
        """Take the file of the run out of the spool."""
        if self.file is not None and self.is_saved:
            with contextlib.suppress(OSError):
                self.file.unlink(missing_ok=True)
            self.is_saved = False


class Step:
    """One step of a job; leaving its block ends it, by an exception as failed."""

    def __init__(self, job: Job, tag: str) -> None:
        self.job, self.tag, self.values, self.told = job, tag, dict[str, Any](), 0.0

    def progress(self, fraction: float) -> None:
        """Tell how far it is, 0 to 1; told at most once a second, whatever the loop around it does."""
        if time.monotonic() - self.told >= SPARING_S:
            self.told = time.monotonic()
            self.job.say("running", step=self.tag, fraction=fraction, metadata=self.values)

    def metadata(self, **values: object) -> None:
        """Add values to what the step shows: numbers, texts, true and false; told with its end or progress."""
        try:
            told = {name: value for name, value in values.items() if value is not None}
            self.values = self.values | {
                name: value if isinstance(value, (bool, int, float)) else str(value)[:1000]
                for name, value in told.items()
            }
        except Exception as error:  # noqa: BLE001 - such as a value that cannot be shown as text
            log.warning("Headwater cannot be told values of %s: %s", self.tag, error)

    def __enter__(self) -> Step:  # noqa: PYI034 - Self is younger than the Pythons this file runs on
        self.job.say("running", step=self.tag)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is None:
            self.job.say("step", step=self.tag, metadata=self.values)
        else:
            self.job.say("error", step=self.tag, metadata=self.values, reason=_reason(kind, error))


class Job:
    """One run of a job, told from its beginning to its end; every method returns at once and raises nothing.

    ``opening`` goes to the run as it is made: customer, version, name, description, deadline_at, parent, attempt.
    Leaving the block waits at most ``linger`` seconds for what is still to be sent.
    """

    def __init__(
        self, name: str, run: str | None = None, *, url: str | None = None, key: str | None = None,
        spool: str | Path | None = None, timeout: float = 5.0, linger: float = 3.0, heartbeat: float = 15.0,
        **opening: Any,
    ) -> None:  # fmt: skip
        url, key = str(url or os.getenv("HEADWATER_TRACK_URL", "")), str(key or os.getenv("HEADWATER_TRACK_KEY", ""))
        self.name, self.linger, self.heartbeat, nonce = _line(name, 200), linger, heartbeat, uuid4().hex
        self.run = _line(run or f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}-{nonce[:4]}", 200)
        given = {field: value.isoformat() if isinstance(value, datetime) else value for field, value in opening.items()}
        folder, named = spool_at(spool), f"{re.sub('[^A-Za-z0-9_.-]+', '-', self.name)[:60]}-{nonce}.json"
        kept = {"opening": {"job": self.name, "external_id": self.run} | given, "nonce": nonce}
        self.line = Line(Server(url, key, timeout), folder / named if folder else None, kept)
        self.count, self.epoch, self.folder = 0, time.time() - time.monotonic(), folder
        self.wake, self.closing, self.done = threading.Event(), threading.Event(), threading.Event()
        self.thread: threading.Thread | None = None
        self.is_on = url.startswith(("http://", "https://")) and key.isascii() and bool(key)
        if not self.is_on:
            log.warning("Headwater is told nothing: HEADWATER_TRACK_URL and HEADWATER_TRACK_KEY say where and by whom")

    @property
    def cancel_requested(self) -> bool:
        """Return whether somebody asked the run to stop; known after a heartbeat at the latest."""
        return self.line.is_asked_to_stop

    def step(self, tag: str) -> Step:
        """Return a step, to be used in a ``with``."""
        return Step(self, tag)

    def info(self, words: str) -> None:
        """Add a note to the time line; it moves neither status nor progress."""
        self.say("info", name=_line(words, 200))

    def progress(self, percent: float) -> None:
        """Tell how far a job without a plan is, 0 to 100."""
        self.say("running", progress=percent)

    def log(self, text: str | bytes) -> None:
        """Add a line, or bytes as they are, to the log."""
        with contextlib.suppress(Exception):
            self.line.write(text if isinstance(text, bytes) else f"{text}\n".encode("utf-8", "replace"))
            self.wake.set()

    def say(self, kind: str, **told: Any) -> None:
        """Tell an event of the API: ``kind`` and its fields."""
        if not self.is_on:
            return
        try:
            self.count += 1
            at = datetime.fromtimestamp(self.epoch + time.monotonic(), timezone.utc).isoformat()
            event = {name: value for name, value in told.items() if value not in (None, {}, "")}
            event |= {"kind": kind, "occurred_at": at, "event_id": f"{self.line.nonce}-{self.count}"}
            self.line.say(json.loads(json.dumps(event, allow_nan=False)))
            self.wake.set()
        except Exception as error:  # noqa: BLE001 - a wrong value is no reason for a job to fail
            log.warning("Headwater cannot be told %s: %s", kind, error)

    def start(self) -> Job:
        """Begin to tell; the block of a ``with`` does it."""
        self.say("running")
        if self.is_on:
            with contextlib.suppress(RuntimeError):
                self.thread = threading.Thread(target=self._send, name="headwater", daemon=True)
                self.thread.start()
        return self

    def end(self, status: str = "completed", reason: str = "") -> None:
        """End the run as completed, failed or cancelled, and wait at most ``linger`` seconds until all is sent."""
        self.say({"completed": "complete", "failed": "error"}.get(status, "cancelled"), reason=_line(reason, 500))
        self.closing.set()
        self.wake.set()
        if self.thread is not None and not self.done.wait(self.linger):
            self.line.save()

    def __enter__(self) -> Job:  # noqa: PYI034 - as above
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
            self.end()
        else:
            self.end("cancelled" if issubclass(kind, Cancelled) else "failed", _reason(kind, error))

    def _send(self) -> None:
        pause, others = GATHER_S, waiting(self.folder, self.line.server.url)
        while True:
            woken = self.closing.is_set() or self.wake.wait(0 if pause > GATHER_S else self.heartbeat)
            self.wake.clear()
            is_last = self.closing.is_set()
            try:
                self.line.deliver(is_alive=not woken)
                if others and (is_last or not self.wake.is_set()):
                    replay(others.pop(0), self.line.server)
                pause = GATHER_S
            except Exception as error:  # noqa: BLE001 - whatever it is, the job goes on
                if isinstance(error, Refused):
                    log.warning("Headwater does not take the run %s: %s", self.run, error)
                    self.line.forget()
                    break
                if pause == GATHER_S:
                    log.warning("Headwater cannot be told now, what happens is kept for later: %s", error)
                self.line.save()
                pause, others = min(max(pause, 0.5) * 2, LONGEST_PAUSE_S), []
            if is_last and not others:
                break
            self.closing.wait(pause)
        self.done.set()


def tracked(name: str, **settings: Any) -> Callable[[Function], Function]:
    """Return a decorator that makes each call of a function a run; ``settings`` are those of Job."""

    def decorate(function: Function) -> Function:
        @wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with Job(name, **settings):
                return function(*args, **kwargs)

        return inside  # type: ignore[return-value]

    return decorate


def spool_at(named: str | Path | None = None) -> Path | None:
    """Return the directory for what could not be sent; None where there is no home for it."""
    with contextlib.suppress(Exception):
        home = os.getenv("XDG_STATE_HOME")
        usual = Path(home) if home else Path.home() / ".local" / "state"
        return Path(named or os.getenv("HEADWATER_TRACK_SPOOL") or usual / "headwater")
    return None


def waiting(folder: Path | None, url: str) -> list[Path]:
    """Return the files of runs that wait for the Headwater at ``url``, oldest first."""
    with contextlib.suppress(Exception):
        found = [(path.stat().st_mtime, path) for path in folder.glob("*.json")] if folder else []
        return [path for _, path in sorted(found) if json.loads(path.read_bytes())["url"] == url.rstrip("/")]
    return []


def replay(file: Path, server: Server) -> None:
    """Send what a run that is over could not; raises Away. Sent twice by two programs at once, it counts once."""
    line = Line(server, file, json.loads(file.read_bytes()))
    try:
        line.deliver()
    except Refused as error:
        log.warning("Headwater does not take what is kept in %s: %s", file, error)
        line.forget()


def flush(url: str = "", key: str = "", spool: str | Path | None = None) -> tuple[int, int]:
    """Send what waits in the spool; returns how many runs were sent and how many still wait."""
    server = Server(url or os.getenv("HEADWATER_TRACK_URL", ""), key or os.getenv("HEADWATER_TRACK_KEY", ""))
    files = waiting(spool_at(spool), server.url)
    for done, file in enumerate(files):
        try:
            replay(file, server)
        except Exception as error:  # noqa: BLE001 - one line for whoever asked
            log.warning("Headwater is away: %s", error)
            return done, len(files) - done
    return len(files), 0


def _line(text: object, longest: int) -> str:
    """Return one line of text without control characters, as the API takes it."""
    words = "".join(letter if letter.isprintable() else " " for letter in str(text))
    return " ".join(words.split())[:longest]


def _reason(kind: type[BaseException], error: BaseException | None) -> str:
    words = f"exit {error.code}" if isinstance(error, SystemExit) else f"{kind.__name__}: {error}".removesuffix(": ")
    return _line(words, 500)
