"""``headwater track`` as a shell runs it: a process of its own, over a socket, with no database in sight."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from tests.e2e.serving import MAIN, environ
from tests.jobs.tracking import Program
from tests.track.serving import serving, writing_down
from tests.track.test_client import run_of


def track(folder: Path, url: str, key: str, *words: str) -> "subprocess.Popen[str]":
    """Start ``headwater track``."""
    told = environ(HEADWATER_TRACK_URL=url, HEADWATER_TRACK_KEY=key, HEADWATER_TRACK_SPOOL=str(folder / "spool"))
    command = [sys.executable, "-W", "error", "-c", MAIN, "track", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=told, text=True, stdin=pipe, stdout=pipe, stderr=pipe)


def test_a_command_keeps_its_streams_and_code_and_its_run_says_how_it_went(
    app: Flask, provider: Program, tmp_path: Path
) -> None:
    script = "read word; echo $word out; printf '\\033[31mno such table\\033[0m\\n' >&2; exit 3"
    words = ("--job", "nightly", "--run", "2026-11-22", "--step", "load", "--", "sh", "-c", script)
    with serving(app) as port:
        process = track(tmp_path, f"http://127.0.0.1:{port}", provider.key, *words)
        out, err = process.communicate("hello\n", timeout=30)

    assert (process.returncode, out, err) == (3, "hello out\n", "\x1b[31mno such table\x1b[0m\n")
    run = run_of(provider, "2026-11-22")
    assert (run["job"], run["status"], run["ended_reason"]) == ("nightly", "failed", "exit 3: no such table")
    assert [(step["tag"], step["state"]) for step in run["steps"]] == [("load", "failed")]
    assert set(provider.get(f"/runs/{run['id']}/log").text.splitlines()) == {"hello out", "no such table"}
    assert not (tmp_path / "instance").exists()


def test_signals_reach_the_command(tmp_path: Path) -> None:
    script = "trap 'echo tidied; exit 5' TERM; echo ready; while :; do sleep 0.02; done"
    process = track(tmp_path, "", "", "--", "sh", "-c", script)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    out, _err = process.communicate(timeout=30)

    assert (process.returncode, out) == (5, "tidied\n")


def test_a_run_that_is_asked_to_stop_is_stopped_with_all_it_started(tmp_path: Path) -> None:
    with writing_down() as (url, came):
        process = track(tmp_path, url, "k", "--grace", "0.2", "--", "sh", "-c", "trap '' TERM; sleep 60; sleep 60")
        process.communicate(timeout=30)

    assert process.returncode == 128 + signal.SIGKILL
    assert {"status": "cancelled", "reason": "stopped as asked"} in [body for _path, body in came]


@pytest.mark.parametrize(("command", "code"), [(("true",), 0), (("no-such-program",), 127), (("/",), 126)])
def test_an_absent_server_changes_nothing_and_the_rest_is_kept(
    command: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    process = track(tmp_path, "http://127.0.0.1:9", "k", "--", *command)
    process.communicate(timeout=30)
    with writing_down() as (url, _came):
        kept = next((tmp_path / "spool").iterdir())
        kept.write_text(kept.read_text().replace("http://127.0.0.1:9", url))
        flushed = track(tmp_path, url, "k", "--flush").communicate(timeout=30)[0]

    assert process.returncode == code
    assert flushed == "1 run sent, 0 still waiting\n"


def test_it_loads_neither_flask_nor_the_database(tmp_path: Path) -> None:
    words = [sys.executable, "-X", "importtime", "-c", MAIN, "track", "--", "true"]
    done = subprocess.run(words, cwd=tmp_path, env=environ(), capture_output=True, text=True, check=True)

    loaded = set(re.findall(r"\|\s+(\w+)", done.stderr))
    assert "headwater_client" in loaded
    assert not loaded & {"flask", "sqlalchemy", "urllib3"}
