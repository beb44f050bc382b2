"""``headwater up`` from the outside: what it prints, keeps and refuses."""

import re
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.serving import command, environ, headwater

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("up")]


def test_two_runs_make_one_realm_and_show_the_password_once(tmp_path: Path) -> None:
    with headwater(tmp_path, "--realm", "acme") as served:
        first = served.printed.read_text()
        with urllib.request.urlopen(f"{served.url}/healthz") as answer:  # noqa: S310 - our own server
            assert answer.status == 200
            assert "gunicorn" in answer.headers["Server"]
    with headwater(tmp_path, "--realm", "acme", HEADWATER_WEB_WORKERS="4") as served:
        second = served.printed.read_text()
        at_work = _workers(tmp_path / "instance")

    assert re.search(r"Sign in as admin with the password \S{16} ", first)
    assert "data was kept" in second
    assert "password" not in second
    assert (tmp_path / "instance" / "secret_key").stat().st_mode & 0o777 == 0o600
    assert len(at_work) == 1, "of four processes that serve one works in the background"


def _workers(folder: Path) -> set[str]:
    """Return who works in the background, once somebody does."""
    found, until = set[str](), time.monotonic() + 20
    with closing(sqlite3.connect(folder / "headwater.db")) as database:
        while not found and time.monotonic() < until:
            time.sleep(0.5)
            found = {str(row[0]) for row in database.execute("SELECT name FROM delivery_worker")}
    return found


def test_a_name_of_ten_thousand_letters_is_not_found(tmp_path: Path) -> None:
    with headwater(tmp_path, "--realm", "acme") as served, pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{served.url}/nosuch/{'n' * 10_000}")  # noqa: S310 - our own server


def test_a_taken_port_is_told_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        words = command("up", "--port", str(taken.getsockname()[1]))
        done = subprocess.run(words, cwd=tmp_path, env=environ(), capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "cannot be used" in done.stderr


def test_a_bad_setting_names_the_variable(tmp_path: Path) -> None:
    bad = environ(HEADWATER_MASK="maybe")
    words = command("realms", "list")
    done = subprocess.run(words, cwd=tmp_path, env=bad, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "HEADWATER_MASK" in done.stderr
