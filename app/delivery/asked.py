"""Reads what URLs of lists ask for."""

from datetime import UTC, datetime
from uuid import UUID

from werkzeug.datastructures import MultiDict

from app.delivery.models import State
from app.delivery.queries.deliveries import Wanted
from app.refusal import Problem, Refused
from app.web.listing import Listing

FILTERS = ("hook", "state", "type", "since", "until")


def deliveries(args: MultiDict[str, str]) -> tuple[Listing, Wanted]:
    """Return the list a URL asks for, newest first; raises Refused on a filter that is none."""
    listing = Listing.from_args(args, sorts=("-created_at", "created_at"), filters=FILTERS)
    state = listing.get("state")
    if state and state not in list(State):
        raise Refused(Problem("unknown_state", f"Use one of {', '.join(State)}.", "state", state[:100]))
    return listing, Wanted(
        hook_id=_id(listing.get("hook")),
        state=State(state) if state else None,
        type=listing.get("type")[:80],
        since=_moment(listing, "since"),
        until=_moment(listing, "until"),
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Refused(Problem("bad_id", "Not the id of a hook.", "hook", text[:100])) from None


def _moment(listing: Listing, name: str) -> datetime | None:
    text = listing.get(name)
    try:
        moment = datetime.fromisoformat(text) if text else None
        return moment and (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))
    except (ValueError, OverflowError):
        raise Refused(Problem("bad_time", "Use a date or time such as 2026-03-01T12:00.", name, text[:100])) from None
