"""``headwater up`` as an operator runs it: a process of its own, over a socket, in a folder of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MAIN = "from app.cli import main; main()"
PATIENCE = 180


@dataclass(frozen=True)
class Served:
    """A running Headwater and the file with what it printed."""

    url: str
    printed: Path

    def password(self) -> str:
        """Return the admin's password, printed in the first run only."""
        return self._find(r"with the password (\S+) ")

    def key(self) -> str:
        """Return the first API key, printed in the first run only."""
        return self._find(r"OPENLINEAGE_API_KEY=(\S+)")

    def _find(self, pattern: str) -> str:
        text = self.printed.read_text()
        found = re.search(pattern, text)
        assert found, text
        return found[1]


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(*args: str) -> list[str]:
    """Return the words that run ``headwater`` with every warning an error."""
    return [sys.executable, "-W", "error", "-c", MAIN, *args]


def environ(**more: str) -> dict[str, str]:
    """Return the environment of a process that knows none of our settings but ``more``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEADWATER_")}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | more


@contextmanager
def headwater(folder: Path, *args: str, **more: str) -> Iterator[Served]:
    """Run ``headwater up`` in ``folder`` until the end of the block; the block begins when it is ready.

    ``more`` are variables of its environment.
    """
    port, printed = free_port(), folder / "printed.txt"
    with printed.open("w") as file:
        process = subprocess.Popen(
            command("up", "--port", str(port), *args),
            cwd=folder, env=environ(**more), stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        served = Served(f"http://127.0.0.1:{port}", printed)
        wait(f"{served.url}/readyz", printed, process)
        yield served
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, printed.read_text()


def wait(url: str, printed: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers; fails with what it printed when it ended or took too long."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(printed.read_text())
