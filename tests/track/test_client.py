"""The client that programs copy: what it reports, and that nothing there can harm the program."""

import ast
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import headwater_client
from headwater_client import Cancelled, Job, flush, tracked
from tests.e2e.serving import free_port
from tests.jobs.tracking import Program
from tests.track.serving import serving, writing_down


def run_of(provider: Program, external_id: str) -> dict[str, Any]:
    """Return a run in full."""
    found = [run for run in provider.get("/runs").get_json()["items"] if run["external_id"] == external_id]
    assert len(found) == 1, found
    whole: dict[str, Any] = provider.get(f"/runs/{found[0]['id']}").get_json()
    return whole


def test_steps_values_and_log_arrive(app: Flask, provider: Program, tmp_path: Path) -> None:
    provider.register()
    with serving(app) as port:
        where: dict[str, Any] = {"url": f"http://127.0.0.1:{port}", "key": provider.key, "spool": tmp_path}
        with Job("lung", run="1", version="1.0.0", **where) as job:
            for tag in ("fetch", "run", "return"):
                with job.step(tag) as step:
                    step.progress(0.4)
                    step.metadata(rows=18_231, model="a", nothing=None)
            job.info("nearly done")
            job.log("first line")
            job.log("zweite Zeile äöü")

    run = run_of(provider, "1")
    assert (run["status"], run["progress"], run["version"]) == ("completed", 100.0, "1.0.0")
    assert run["steps"][1]["metadata"] == {"rows": 18_231, "model": "a"}
    assert provider.get(f"/runs/{run['id']}/log").text == "first line\nzweite Zeile äöü\n"
    assert not list(tmp_path.iterdir())


def test_an_exception_fails_the_run_with_its_reason_and_goes_on_up(
    app: Flask, provider: Program, tmp_path: Path
) -> None:
    with serving(app) as port:
        where: dict[str, Any] = {"url": f"http://127.0.0.1:{port}", "key": provider.key, "spool": tmp_path}
        with pytest.raises(OSError, match="disk full"), Job("nightly", run="1", **where) as job, job.step("load"):
            raise OSError("disk full")

        @tracked("nightly", run="2", **where)
        def give_up() -> None:
            raise Cancelled("enough")

        with pytest.raises(Cancelled):
            give_up()

    failed, cancelled = run_of(provider, "1"), run_of(provider, "2")
    assert (failed["status"], failed["ended_reason"]) == ("failed", "OSError: disk full")
    assert failed["steps"][0]["state"] == "failed"
    assert (cancelled["status"], cancelled["ended_reason"]) == ("cancelled", "Cancelled: enough")


def test_what_happened_while_the_server_was_away_is_sent_once(app: Flask, provider: Program, tmp_path: Path) -> None:
    port = free_port()
    where: dict[str, Any] = {"url": f"http://127.0.0.1:{port}", "key": provider.key, "spool": tmp_path}
    with serving(app, port):
        job = Job("nightly", run="1", **where).start()
        with job.step("load"):
            wait_for(lambda: job.line.run is not None and not job.line.events)
    job.say("running", step="sort")
    job.log("kept for later")
    began = time.monotonic()
    job.end("failed", "disk full")
    assert time.monotonic() - began < 5  # one of its time-outs
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert provider.key not in kept.read_text()

    again = kept.read_bytes()
    with serving(app, port):
        with Job("nightly", run="2", **where):
            pass
        assert not list(tmp_path.iterdir())
        kept.write_bytes(again)
        assert flush(where["url"], provider.key, tmp_path) == (1, 0)

    run = run_of(provider, "1")
    assert (run["status"], run["ended_reason"], run["attempt"]) == ("failed", "disk full", 1)
    told = provider.get(f"/runs/{run['id']}/events").get_json()["items"]
    assert [event["wire_kind"] for event in told] == ["running", "running", "step", "running", "error"]
    assert provider.get(f"/runs/{run['id']}/log").text == "kept for later\n"


def test_a_run_that_was_never_opened_is_opened_once_however_it_ended(
    app: Flask, provider: Program, tmp_path: Path
) -> None:
    port = free_port()
    where: dict[str, Any] = {"url": f"http://127.0.0.1:{port}", "key": provider.key, "spool": tmp_path}
    Job("nightly", run="1", **where).start().end("failed", "no input")
    (kept,) = tmp_path.iterdir()
    before = kept.read_bytes()
    with serving(app, port):
        for _ in range(2):
            kept.write_bytes(before)
            assert flush(where["url"], provider.key, tmp_path) == (1, 0)

    assert run_of(provider, "1")["attempt"] == 1


def test_a_server_that_hangs_delays_nobody(tmp_path: Path) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        began = time.monotonic()
        with Job(
            "nightly", url=f"http://127.0.0.1:{deaf.getsockname()[1]}", key="k", spool=tmp_path, linger=0.3
        ) as job:
            for number in range(1_000):
                job.log(f"line {number}")
        lasted = time.monotonic() - began

    assert lasted < 5  # one of its time-outs; there would be a thousand
    assert b"line 999" in next(tmp_path.iterdir()).read_bytes()


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:9", "file:///etc/passwd", "http://[", "http://no such host"])
def test_nothing_a_program_says_or_a_disk_does_harms_it(url: str, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no directory")
    with Job("a\nb" * 200, url=url, key="k\n", spool=blocked / "spool", linger=0.5, deadline_at=object()) as job:
        job.progress(float("nan"))
        job.info("\x00\ud800" * 500)
        job.log(b"\xff\x00")
        with job.step("x") as step:
            step.metadata(a={1: object()}, b=float("inf"))
            step.progress("half")  # type: ignore[arg-type]


def test_a_wish_to_stop_is_seen_by_the_program(tmp_path: Path) -> None:
    with writing_down() as (url, came), Job("nightly", url=url, key="k", spool=tmp_path, heartbeat=0.05) as job:
        wait_for(lambda: any(path.endswith("/heartbeat") for path, _ in came))
        assert job.cancel_requested


def test_it_is_one_file_that_needs_the_standard_library_alone(tmp_path: Path) -> None:
    source = Path(headwater_client.__file__)
    tree = ast.parse(source.read_text())
    named = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    named += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    shutil.copy(source, tmp_path)
    script = (
        "import sys; sys.path.insert(0, '.'); from headwater_client import Job\nwith Job('x', '1'): print('went on')"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-I", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert {name.partition(".")[0] for name in named} <= sys.stdlib_module_names
    assert done.stdout == "went on\n"


def wait_for(is_so: Any) -> None:
    """Wait until something is so, at most ten seconds."""
    until = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)
