"""What to copy from a run page: lines for a shell that report to it, its parent facet. Pure."""

import json
from shlex import quote


def lines(url: str, step: str | None) -> list[tuple[str, str]]:
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


def one_call(host_url: str, job: str, steps: list[str]) -> list[tuple[str, str]]:
    """Return (what it does, a curl line) for a program that reports a run by the name of its job alone."""
    send = f'curl -fsS -H "Authorization: Bearer $KEY" --data-urlencode {quote(f"job={job}")} -d run=433'
    url = f"{host_url}api/v1/jobs/events"
    step = quote(f"step={steps[0] if steps else 'load'}")
    return [
        ("A step begins; the run is opened when it is new", f"{send} -d kind=running --data-urlencode {step} {url}"),
        ("The step is done", f"{send} -d kind=step --data-urlencode {step} {url}"),
    ]
