"""The chapter on this API for people who bring programs of the tracker along."""

from collections.abc import Iterator
from typing import Final

from flask import Flask

from app.jobs.tracker.answers import ROOT
from app.web.described import chapter
from app.web.openapi import ARGUMENT

METHODS: Final = {"GET", "POST"}
TEXT: Final = (
    "Programs that report to a tracker of jobs or studies report here as they are: their base address becomes this "
    "server followed by `/api/tracker`, their key one of yours with `jobs.write`, in the header `x-api_key` as before, "
    "in `X-Api-Key`, or as bearer. `customer_id` and `hospital_id` are the number a customer reads in his profile. "
    "Studies have calls of their own, `/studies` and `/study_configurations`, which do as those of jobs. "
    "Whatever goes wrong says `detail`. Sign-up and log-in are not offered: accounts are made by invitation. "
    f"Paths are below `{ROOT}`."
)
COMMAND: Final = """export TRACKER=SERVER/api/tracker
curl -fsS -H "x-api_key: $KEY" $TRACKER/api-keys/protected
curl -fsS -H "x-api_key: $KEY" --json '{"provider_job_id": "433", "customer_id": 7, "tag": "lung"}' $TRACKER/jobs
curl -fsS -H "x-api_key: $KEY" --json '{"provider_job_id": "433", "kind": "step", "tag": "fetch"}' $TRACKER/events"""


def init(app: Flask) -> None:
    """Add it."""
    chapter("For programs of the tracker", TEXT, COMMAND, list(_rows(app)))


def _rows(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Return each call once, in the words of jobs."""
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(f"{ROOT}/") or rule.rule.startswith(f"{ROOT}/stud"):
            continue
        [method] = (rule.methods or set()) & METHODS
        words = (app.view_functions[rule.endpoint].__doc__ or "").partition("\n")[0].replace("``", "`")
        words = words.removeprefix("Answer ")
        yield method, ARGUMENT.sub(r"{\1}", rule.rule.removeprefix(ROOT)), words[:1].upper() + words[1:]
