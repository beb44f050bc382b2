"""What the URL of a list of runs or jobs asks for; shared by pages and API."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import g, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from app.db import db, utcnow
from app.jobs.models import Job, RunStatus
from app.jobs.queries import jobs as job_queries
from app.jobs.queries import plans
from app.jobs.queries.sight import TRACKED, Sight, sight_of
from app.jobs.queries.sight import jobs as seen_jobs
from app.jobs.queries.wanted import ALARMS, ORIGINS, Wanted
from app.jobs.shown import STALLED
from app.jobs.signals import io_asked, words_asked
from app.refusal import Problem, Refused
from app.web.listing import Listing
from app.web.whole import whole

RUN_FILTERS = (
    "status", "alarm", "integration", "origin", "job", "tag", "version", "provider", "customer", "since", "until",
    "ended_since", "ended_until", "longer", "shorter", "error", "value", "parts", "attempts", "archived",
    "reported_id",
)  # fmt: skip
RUN_SORTS = ("-started_at", "number", "ended_at", "duration")
JOB_FILTERS = ("integration", "type", "status", "owner", "tag", "location", "io", "parts", "never_run", "archived")
BY_NUMBER = ("-number",)
BIGGEST = 2**63
UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
LENGTH = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)\s?([smhd]?)")
AGO = re.compile(r"([1-9][0-9]{0,3})([hd])")


@dataclass(frozen=True, slots=True)
class RunList:
    """The listing, and what it wants."""

    listing: Listing
    wanted: Wanted


def sight() -> Sight:
    """Return what the account of the request sees of runs; operators, ``report`` and root see all."""
    return sight_of(g.standing)


def sees_all() -> bool:
    """Return whether the account of the request sees runs reported by OpenLineage."""
    return sight().reported


def sees_job(job_id: int) -> bool:
    """Return whether a job is among those the account sees; a statement unless it sees all."""
    mine = sight()
    return mine.is_all or db.session.scalar(plans.job_by_id(job_id, seen_jobs(mine))) is not None


def sees_totals(job: Job) -> bool:
    """Return whether the account of the request may know all about when a job ran: customers see only their runs."""
    return job.origin != TRACKED or not sight().is_customer


def sees_plans() -> bool:
    """Return whether the account of the request sees plans, analytics and reports; customers see their runs only."""
    return not sight().is_customer


def not_for_customers() -> None:
    """Raise Refused 403 for customers: they see their runs, but no plans, analytics or reports."""
    if not sees_plans():
        raise Refused(Problem("role", "This is for providers and operators."), status=403)


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

    Raises Refused (422) on a word, time, length or number that is none.
    """
    return runs_of(MultiDict(request.args))


def runs_of(given: MultiDict[str, str]) -> RunList:
    """Read the same from the arguments of such a URL."""
    # Older addresses said it so.
    if given.poplist("referenced"):
        given.setdefault("origin", "referenced")
    with_parts = given.get("parts") == "shown"
    if with_parts and given.get("sort", "").removeprefix("-") not in ("", "number"):
        given.poplist("sort")
    listing = Listing.from_args(given, sorts=BY_NUMBER if with_parts else RUN_SORTS, filters=RUN_FILTERS)
    get = listing.get
    words = statuses(",".join(listing.all("status")), also=(STALLED,))
    wanted = Wanted(
        now=utcnow(),
        text=listing.q,
        status=words if words != (STALLED,) else (),
        alarm=STALLED if words == (STALLED,) else one_of(get("alarm"), ALARMS, "alarm"),
        integration=get("integration"),
        job_id=number(get("job"), "job"),
        has_error=bool(get("error")),
        parts=with_parts,
        origin=one_of(get("origin"), ORIGINS, "origin"),
        tag=get("tag"),
        version=get("version"),
        provider=get("provider").lower(),
        customer=get("customer").lower(),
        value=_value(get("value")),
        attempts=get("attempts") == "all",
        archived=bool(get("archived")),
        sort=listing.column,
        sight=sight(),
        reported_id=get("reported_id"),
    )
    return RunList(listing, _timed(_named(wanted), listing))


def _named(wanted: Wanted) -> Wanted:
    """Return what is wanted; who names a run means that one, wherever lists leave it out."""
    return replace(wanted, parts=True, attempts=True, archived=True) if wanted.reported_id else wanted


def _timed(wanted: Wanted, listing: Listing) -> Wanted:
    """Return what is wanted with the moments and lengths of the URL."""
    moments = {name: moment(listing.get(name), name) for name in ("since", "until", "ended_since", "ended_until")}
    lengths = {name: length(listing.get(name), name) for name in ("longer", "shorter")}
    return replace(wanted, **moments, **lengths)  # type: ignore[arg-type]  # each name has its own type


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
        statuses=statuses(",".join(listing.all("status")), also=(STALLED,)),
        now=utcnow(),
        owners=listing.all("owner"),
        tags=listing.all("tag"),
        locations=tuple(place for text in listing.all("location") if (place := number(text, "location")) is not None),
        parts=listing.get("parts") == "shown",
        never_run=bool(listing.get("never_run")),
        archived=bool(listing.get("archived")),
        io=conditions,
        words=[condition for condition, is_rare in found if not is_rare],
        looked_up=[condition for condition, is_rare in found if is_rare],
        sight=sight(),
    )
    return listing, wanted


def statuses(text: str, also: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Read states of runs, joined by commas, and words that stand beside them; raises Refused on one that is none."""
    words = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    for word in words:
        one_of(word, (*RunStatus, *also), "status")
    return words


def one_of(word: str, known: Sequence[str], field: str) -> str:
    """Return a word that is empty or one of the known; raises Refused on any other."""
    if word and word not in known:
        raise Refused(Problem(f"unknown_{field}", f"Use of {', '.join(known)}.", field, word[:100]))
    return word


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


def length(text: str, field: str) -> float | None:
    """Read a length of time in seconds from ``90``, ``90s``, ``10m``, ``2h`` or ``1d``; None for an empty text.

    Raises Refused if it is none of them.
    """
    if not text:
        return None
    if found := LENGTH.fullmatch(text):
        return float(found[1]) * UNITS[found[2]]
    raise Refused(Problem("bad_length", "Use a length such as 90s, 10m, 2h or 1d.", field, text[:100]))


def _value(text: str) -> tuple[str, str] | None:
    name, equals, value = text.partition("=")
    if text and not (name.strip() and equals):
        raise Refused(Problem("bad_value", "Use NAME=VALUE, as in Score=91.5.", "value", text[:100]))
    return (name.strip(), value.strip()) if text else None
