"""The list of runs as page, API, file and bulk acts read it."""

from app.jobs import asked, fields
from app.jobs.queries import runs as queries
from app.jobs.queries.wanted import narrower
from app.web.found import Found


def runs(asked_for: asked.RunList) -> Found:
    """Return the runs a list asks for: rows (run, job, parent, its job, provider, customer, plan, version)."""
    wanted = asked_for.wanted
    return Found(
        asked_for.listing, queries.runs(wanted), queries.SORTS, fields.RUN_LISTED, "runs", rest=narrower(wanted)
    )
