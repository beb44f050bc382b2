"""What to copy from a page: lines for a shell and for Python that report a run, its parent facet. Pure."""

import json
from shlex import quote
from typing import NamedTuple

CLIENT = "headwater_client.py"
Lines = list[tuple[str, str]]


class Way(NamedTuple):
    """One way to report: its name, how it is shown, and (what it does, what to copy)."""

    key: str
    label: str
    lines: Lines


def ways(host_url: str, job: str, steps: list[str], *, run: str | None = None, curl: Lines | None = None) -> list[Way]:
    """Return the ways by which a program reports runs of a job, or one ``run``; ``curl`` are lines of that run."""
    step = steps[0] if steps else "load"
    named = f", run={json.dumps(run, ensure_ascii=False)}" if run else ""
    python = (
        "from headwater_client import Job\n\n"
        f"with Job({json.dumps(job, ensure_ascii=False)}{named}) as job:\n"
        f"    with job.step({json.dumps(step, ensure_ascii=False)}) as step:\n"
        "        step.progress(0.4)\n"
        "        step.metadata(rows=18_231)"
    )
    told = f"--job {quote(job)}{f' --run {quote(run)}' if run else ''} --step {quote(step)}"
    where = f"export HEADWATER_TRACK_URL={host_url.rstrip('/')} HEADWATER_TRACK_KEY=$KEY"
    return [
        Way("curl", "curl", curl or one_call(host_url, job, steps)),
        Way("python", "Python", [
            ("One file, nothing to install, and it never breaks the program", f"curl -fsSO {host_url}{CLIENT}"),
            ("Where to, and as whom", where),
            ("A run, from its beginning to its end", python),
        ]),
        Way("track", "Any command", [
            ("Where to, and as whom", where),
            ("Run it; start, log, end and signs of life are told", f"headwater track {told} -- python load.py"),
        ]),
    ]  # fmt: skip


def openlineage(host_url: str) -> Way:
    """Return how OpenLineage clients are pointed here."""
    line = f"export OPENLINEAGE_URL={host_url.rstrip('/')} OPENLINEAGE_API_KEY=$KEY"
    return Way("openlineage", "OpenLineage", [("Set where Airflow, Spark, dbt or Flink run", line)])


def lines(url: str, step: str | None) -> Lines:
    """Return (what it does, a curl line) for a run whose API address is ``url``; ``step`` is one of its steps."""
    send = 'curl -fsS -H "Authorization: Bearer $KEY"'
    named = quote(f"step={step or 'load'}")
    return [
        ("A step is done", f"{send} -d kind=step --data-urlencode {named} {url}/events"),
        ("It is alive", f"{send} -X POST {url}/heartbeat"),
        ("Send its log", f'{send} -H "Content-Type: text/plain" --data-binary @job.log "{url}/log?offset=0"'),
        ("It ended", f"{send} -d status=completed {url}/completion"),
    ]


def parent_facet(run_id: str, namespace: str, name: str) -> str:
    """Return the facet by which OpenLineage events name a run as the one above theirs, as JSON text."""
    return json.dumps({"parent": {"run": {"runId": run_id}, "job": {"namespace": namespace, "name": name}}})


def one_call(host_url: str, job: str, steps: list[str]) -> Lines:
    """Return (what it does, a curl line) for a program that reports a run by the name of its job alone."""
    send = f'curl -fsS -H "Authorization: Bearer $KEY" --data-urlencode {quote(f"job={job}")} -d run=433'
    url = f"{host_url}api/v1/jobs/events"
    step = quote(f"step={steps[0] if steps else 'load'}")
    return [
        ("A step begins; the run is opened when it is new", f"{send} -d kind=running --data-urlencode {step} {url}"),
        ("The step is done", f"{send} -d kind=step --data-urlencode {step} {url}"),
    ]
