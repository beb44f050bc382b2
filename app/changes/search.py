"""Reads the filters of the log's URL."""

from datetime import UTC, datetime, timedelta

from flask import request

from app.changes.queries import Wanted
from app.refusal import Problem, Refused
from app.web.listing import Listing

FILTERS = ("who", "kind", "id", "verb", "via", "request_id", "address", "from", "to")
DATE = 10


def listing() -> Listing:
    """Return the list the URL asks for, newest first unless it says otherwise."""
    return Listing.from_args(request.args, sorts=("-at", "at"), filters=FILTERS)


def wanted(asked: Listing) -> Wanted:
    """Return what is looked for; raises Refused ``bad_time`` on a time that is none."""
    return Wanted(
        who=asked.get("who"),
        kind=asked.get("kind"),
        entity_id=asked.get("id"),
        verb=asked.get("verb"),
        request_id=asked.get("request_id"),
        from_=_moment(asked, "from"),
        to=_moment(asked, "to"),
    )


def _moment(asked: Listing, name: str) -> datetime | None:
    """Return the moment; a date without time means its whole day, a time without zone is UTC."""
    text = asked.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return moment + timedelta(days=1) if name == "to" and len(text) == DATE else moment
    except (ValueError, OverflowError):
        problem = Problem("bad_time", "Use a time like 2026-05-03 or 2026-05-03T14:02:00Z.", name, text[:100])
        raise Refused(problem) from None
