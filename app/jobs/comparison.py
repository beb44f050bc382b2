"""Which two runs a URL asks to compare; the same for the page and the API."""

from flask import request
from werkzeug.exceptions import NotFound

from app.db import db
from app.jobs import asked
from app.jobs.queries.sight import rows
from app.jobs.reads import runs as reads
from app.jobs.reads.compare import Compared
from app.jobs.reads.runs import Opened
from app.refusal import Problem, Refused
from app.web.panels import Panel, panels

OWN = ("outcome", "steps", "values", "parameters", "environment", "code", "engine")


def run_of(name: str) -> Opened | None:
    """Return the run a parameter names by number or id, None without it.

    Raises Refused (422) on what can be neither, NotFound when there is none such.
    """
    text = request.args.get(name, "").strip()
    return opened(text, name) if text else None


def opened(text: str, field: str) -> Opened:
    """Return a run by number or id; raises as ``run_of`` does."""
    try:
        which = asked.which(text)
    except NotFound:
        raise Refused(Problem("bad_run", "Use the number or the id of a run.", field, text[:100])) from None
    found = reads.opened(db.session(), which)
    if found is None or not asked.sight().shows(found.run):
        raise NotFound
    return found


def before(after: Opened) -> Opened | None:
    """Return the completed run of the same job before one, None if it is the first."""
    found = reads.last_completed(db.session(), after.run, rows(asked.sight()))
    return reads.opened(db.session(), found.number) if found is not None else None


def parts(before: Opened, after: Opened) -> list[Panel]:
    """Return the parts of a comparison; those about lineage are for its readers."""
    found = panels("run", "compare", Compared(before, after))
    return found if asked.sight().reported else [part for part in found if part.json["key"] in OWN]
