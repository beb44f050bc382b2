"""What the URL of a list of runs or jobs asks for; shared by pages and API."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import g, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from app.accounts.models import Role
from app.db import db, utcnow
from app.jobs.models import RunStatus
from app.jobs.queries import jobs as job_queries
from app.jobs.queries import runs as run_queries
from app.jobs.queries.sight import Sight
from app.jobs.signals import io_asked, words_asked
from app.refusal import Problem, Refused
from app.web.listing import Listing
from app.web.shell import may
from app.web.whole import whole

RUN_FILTERS = ("status", "integration", "job", "since", "until", "error", "parts", "referenced")
JOB_FILTERS = ("integration", "type", "status", "owner", "tag", "location", "io", "parts", "never_run")
BY_NUMBER = ("-number",)
BIGGEST = 2**63
AGO = re.compile(r"([1-9][0-9]{0,3})([hd])")


@dataclass(frozen=True, slots=True)
class RunList:
    """The listing, and what it wants."""

    listing: Listing
    wanted: run_queries.Wanted


def sight() -> Sight:
    """Return what the account of the request sees of runs; operators, ``report`` and root see all."""
    standing = g.standing
    is_all = standing.role == Role.OPERATOR or may("report", "root")
    return Sight(standing.who.user_id, standing.role, is_all=is_all, reported=is_all or may("lineage.read"))


def sees_all() -> bool:
    """Return whether the account of the request sees runs reported by OpenLineage."""
    return sight().reported


def which(text: str) -> int | UUID:
    """Return a run number for digits, else a UUID; raises NotFound on what can be neither."""
    if text.isascii() and text.isdigit():
        number = whole(text, BIGGEST - 1)
        if number is None:
            raise NotFound
        return number
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def runs() -> RunList:
    """Read the URL of a list of runs; with parts among them it is ordered by number, which has an index of its own.

    Raises Refused (422) on a status, time or number that is none.
    """
    given = MultiDict(request.args)
    with_parts = given.get("parts") == "shown"
    if with_parts and given.get("sort", "").removeprefix("-") == "started_at":
        given.poplist("sort")
    sorts = BY_NUMBER if with_parts else ("-started_at", "number")
    listing = Listing.from_args(given, sorts=sorts, filters=RUN_FILTERS)
    wanted = run_queries.Wanted(
        text=listing.q,
        status=statuses(listing.get("status")),
        integration=listing.get("integration"),
        job_id=number(listing.get("job"), "job"),
        since=moment(listing.get("since"), "since"),
        until=moment(listing.get("until"), "until"),
        has_error=bool(listing.get("error")),
        parts=with_parts,
        referenced=bool(listing.get("referenced")),
        by_number=listing.column == "number",
        sight=sight(),
    )
    return RunList(listing, wanted)


def jobs() -> tuple[Listing, job_queries.Wanted]:
    """Read the URL of a list of jobs; two statements when it looks for words. Raises Refused (422) as ``runs`` does."""
    listing = Listing.from_args(request.args, sorts=("name", "last_run_at"), filters=JOB_FILTERS)
    io = listing.get("io")
    conditions = [found for _, found in io_asked.send(None, has=io != "none")] if io else []
    answers = [found for _, found in words_asked.send(None, session=db.session(), text=listing.q)] if listing.q else []
    found = [answer for answer in answers if answer is not None]
    wanted = job_queries.Wanted(
        text="" if answers else listing.q,
        integrations=listing.all("integration"),
        types=listing.all("type"),
        statuses=statuses(",".join(listing.all("status"))),
        owners=listing.all("owner"),
        tags=listing.all("tag"),
        locations=tuple(place for text in listing.all("location") if (place := number(text, "location")) is not None),
        parts=listing.get("parts") == "shown",
        never_run=bool(listing.get("never_run")),
        io=conditions,
        words=[condition for condition, is_rare in found if not is_rare],
        looked_up=[condition for condition, is_rare in found if is_rare],
        all_jobs=sees_all(),
    )
    return listing, wanted


def statuses(text: str) -> tuple[str, ...]:
    """Read states of runs, joined by commas; raises Refused on one that is none."""
    words = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    for word in words:
        if word not in set(RunStatus):
            raise Refused(Problem("unknown_status", f"Use of {', '.join(RunStatus)}.", "status", word[:100]))
    return words


def number(text: str, field: str) -> int | None:
    """Read a row's number, None when the text is empty; raises Refused if it is none."""
    if not text:
        return None
    found = whole(text, BIGGEST - 1)
    if found is None:
        raise Refused(Problem("bad_number", "Use a whole number.", field, text[:100]))
    return found


def moment(text: str, field: str) -> datetime | None:
    """Read a day, a moment (UTC without a zone) or a time ago (``24h``, ``7d``); None for an empty text.

    Raises Refused if it is none of them.
    """
    if not text:
        return None
    if ago := AGO.fullmatch(text):
        return utcnow() - timedelta(hours=int(ago[1]) * (24 if ago[2] == "d" else 1))
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(
            Problem("bad_time", "Use a day (2026-01-31), a time (2026-01-31T10:00Z) or 24h, 7d.", field)
        ) from None
