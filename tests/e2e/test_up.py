"""``headwater up`` as an operator runs it: a process of its own, over a socket."""

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
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MAIN = "from app.cli import main; main()"
pytestmark = pytest.mark.e2e


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def headwater(folder: Path, *args: str) -> Iterator[tuple[str, Path]]:
    """Run ``headwater up`` until the end of the block; gives its URL and the file with what it printed."""
    port, printed = free_port(), folder / "printed.txt"
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-W", "error", "-c", MAIN, "up", "--port", str(port), *args]
    with printed.open("w") as file:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=file, stderr=subprocess.STDOUT)
    try:
        wait(f"http://127.0.0.1:{port}/readyz", printed)
        yield f"http://127.0.0.1:{port}", printed
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, printed.read_text()


def wait(url: str, printed: Path) -> None:
    """Wait until the server answers."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    pytest.fail(printed.read_text())


def test_two_runs_make_one_realm_and_show_the_password_once(tmp_path: Path) -> None:
    with headwater(tmp_path, "--realm", "acme") as (url, printed):
        first = printed.read_text()
        with urllib.request.urlopen(f"{url}/healthz") as answer:  # noqa: S310 - our own server
            assert answer.status == 200
            assert "gunicorn" in answer.headers["Server"]
    with headwater(tmp_path, "--realm", "acme") as (_url, printed):
        second = printed.read_text()

    assert re.search(r"Sign in as admin with the password \S{16} ", first)
    assert "data was kept" in second
    assert "password" not in second
    assert (tmp_path / "instance" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_name_of_ten_thousand_letters_is_not_found(tmp_path: Path) -> None:
    with headwater(tmp_path, "--realm", "acme") as (url, _printed), pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{url}/nosuch/{'n' * 10_000}")  # noqa: S310 - our own server


def test_a_taken_port_is_told_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", MAIN, "up", "--port", str(taken.getsockname()[1])]
        done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "cannot be used" in done.stderr


def test_a_bad_setting_names_the_variable(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "HEADWATER_MASK": "maybe"}
    command = [sys.executable, "-c", MAIN, "realms", "list"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "HEADWATER_MASK" in done.stderr
