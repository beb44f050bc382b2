"""The lists of events and rejections as a URL asks for them, the same for pages and API."""

from datetime import datetime

from flask import request

from app.lineage.fields import EVENTS, REJECTIONS
from app.lineage.models import RawEvent
from app.lineage.openlineage.times import parse_time
from app.lineage.queries import events as queries
from app.refusal import Problem, Refused
from app.web.found import Found
from app.web.listing import Listing

FILTERS = ("run", "job", "kind", "type", "source", "producer", "since", "until")


def event_listing() -> Listing:
    """Return the list of events the URL asks for."""
    return Listing.from_args(request.args, sorts=("-received_at",), filters=FILTERS)


def wanted_events(listing: Listing) -> queries.Wanted:
    """Return the filters that indexes answer; raises Refused when a time cannot be read."""
    return queries.Wanted(run=listing.get("run"), since=_moment(listing, "since"), until=_moment(listing, "until"))


def other_filters(listing: Listing) -> list[queries.Condition]:
    """Return the filters on events that no index answers."""
    return queries.narrower(
        text=listing.q,
        job=listing.get("job"),
        kind=listing.get("kind"),
        type_=listing.get("type"),
        source=listing.get("source"),
        producer=listing.get("producer"),
    )


def rejection_listing() -> Listing:
    """Return the list of rejections the URL asks for."""
    return Listing.from_args(request.args, sorts=("-received_at",), filters=("code", "source"))


def refused_filters(listing: Listing) -> list[queries.Condition]:
    """Return the filters on rejections."""
    return queries.refused(text=listing.q, code=listing.get("code"), source=listing.get("source"))


def _moment(listing: Listing, name: str) -> datetime | None:
    text = listing.get(name)
    found = parse_time(text) or parse_time(f"{text}T00:00:00Z")
    if text and found is None:
        raise Refused(Problem("bad_time", "Use a date, or a date and a time with its zone.", name, text[:100]))
    return found


def found_events() -> Found:
    """Return the events the URL asks for."""
    listing = event_listing()
    select, rest = queries.events(wanted_events(listing)), other_filters(listing)
    return Found(listing, select, queries.SORTS, EVENTS, "events", key=RawEvent.id, rest=rest)


def found_rejections() -> Found:
    """Return the rejections the URL asks for."""
    listing = rejection_listing()
    rest = refused_filters(listing)
    return Found(listing, queries.rejections(), queries.REJECTION_SORTS, REJECTIONS, "rejections", rest=rest)
