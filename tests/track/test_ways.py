"""What pages offer to copy works as it stands, whatever the names are."""

import ast
import shlex
from pathlib import Path

import headwater_client
from app.jobs.curl import ways
from tests.browser import Browser
from tests.jobs.tracking import Program

NASTY = """it's "quoted" $HOME\\n; rm -rf ~"""


def test_lines_to_copy_keep_every_name_in_one_piece() -> None:
    curl, python, track = ways("https://hw.example/", NASTY, [NASTY], run=NASTY)
    calls = [node for node in ast.walk(ast.parse(python.lines[-1][1])) if isinstance(node, ast.Constant)]

    assert [call.value for call in calls].count(NASTY) == 3
    assert shlex.split(track.lines[-1][1])[2:8] == ["--job", NASTY, "--run", NASTY, "--step", NASTY]
    assert f"job={NASTY}" in shlex.split(curl.lines[0][1])


def test_a_run_that_goes_on_says_how_to_report_to_it(client: Browser, provider: Program, visitor: Browser) -> None:
    run = provider.open("2026-11-22", job="nightly")
    page = client.get(f"/r/acme/jobs/runs/{run['id']}").text
    answer = visitor.client.get("/headwater_client.py")

    assert "with Job(&#34;nightly&#34;, run=&#34;2026-11-22&#34;) as job:" in page
    assert "headwater track --job nightly --run 2026-11-22 --step load -- python load.py" in page
    assert answer.data == Path(headwater_client.__file__).read_bytes()
