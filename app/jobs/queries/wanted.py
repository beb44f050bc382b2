"""Which runs a list shows, as conditions: those that an index answers, and the others."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.jobs.models import Job, JobConfiguration, MetadataConfiguration, Run, RunStep, StepConfiguration
from app.jobs.naming import run_digest
from app.jobs.queries.sight import EVERYTHING, Sight, further, indexed
from app.jobs.queries.spans import SecondsBetween

GOING = ("queued", "running")
ALARMS = ("stalled", "late", "at_risk")
ORIGINS = ("tracked", "reported", "referenced")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs a list shows to whom; ``sort`` is the column of its order, ``now`` the moment alarms are judged at.

    ``status`` may name stalled beside others, ``alarm`` is one of ALARMS, ``origin`` one of ORIGINS; ``longer`` and
    ``shorter`` are seconds; ``value`` is the name of a value that a step told, and what it was. Superseded attempts and
    archived runs are left out unless asked for. ``reported_id`` is the whole id that a producer gave.
    """

    now: datetime
    text: str = ""
    status: tuple[str, ...] = ()
    integration: str = ""
    job_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    ended_since: datetime | None = None
    ended_until: datetime | None = None
    longer: float | None = None
    shorter: float | None = None
    has_error: bool = False
    parts: bool = False
    origin: str = ""
    alarm: str = ""
    tag: str = ""
    version: str = ""
    provider: str = ""
    customer: str = ""
    value: tuple[str, str] | None = None
    attempts: bool = False
    archived: bool = False
    sort: str = "started_at"
    sight: Sight = EVERYTHING
    reported_id: str = ""


def narrower(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the other conditions; a page looks at a limited number of rows for them."""
    by_number = wanted.sort == "number"
    pairs = [
        (wanted.text and not wanted.text.isdigit(), _speaks_of(wanted.text)),
        (wanted.status and not _by_status(wanted), _stands(wanted)),
        (wanted.integration, Run.integration == wanted.integration),
        (by_number and wanted.job_id is not None, Run.job_id == wanted.job_id),
        (wanted.has_error, Run.ended_reason.is_not(None)),
        (wanted.origin, Run.origin == wanted.origin),
        (by_number and not wanted.parts, Run.role == "unit"),
    ]
    found = [condition for asked, condition in pairs if asked]
    return [*found, *_ends(wanted), *_planned(wanted), *further(wanted.sight), *(_begun(wanted) if by_number else ())]


def answered(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the conditions that an index answers."""
    found = [*indexed(wanted.sight), *_shown(wanted), *_parties(wanted), *alarming(wanted.alarm, wanted.now)]
    if wanted.reported_id:
        found.append(Run.digest == run_digest(wanted.reported_id))
    if wanted.sort == "number":
        return found
    if wanted.job_id is not None:
        found.append(Run.job_id == wanted.job_id)
    elif not wanted.parts:
        found.append(Run.role == "unit")
    if _by_status(wanted):
        found.append(Run.status == wanted.status[0])
    return [*found, *_begun(wanted)]


def alarming(alarm: str, now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions for open runs that are stalled, late or at risk; none for an empty word."""
    if alarm == "stalled":
        return [Run.silent_until.is_not(None), Run.silent_until < now, Run.status.in_(GOING),
                Run.dismissed_at.is_(None)]  # fmt: skip
    if alarm == "late":
        return [Run.number.in_(going()), Run.deadline_at < now]
    if alarm == "at_risk":
        return [Run.number.in_(going()), Run.deadline_at >= now, Run.eta_high_at > Run.deadline_at]
    return []


def going(most: int = 5_000) -> Select[int]:
    """Select the numbers of the newest runs that go on, at most so many: few have a deadline, and many have ended."""
    other = aliased(Run)
    return (
        select(other.number)
        .where(other.status.in_(GOING))
        .order_by(other.began_at.desc(), other.number.desc())
        .limit(most)
    )


def _shown(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if not wanted.attempts:
        found.append(Run.next_attempt.is_(None))
    if not wanted.archived:
        found.append(Run.archived_at.is_(None))
    return found


def _parties(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    for column, name in ((Run.provider_id, wanted.provider), (Run.customer_id, wanted.customer)):
        if name:
            who = select(User.id).where(User.name == name).scalar_subquery()
            yield and_(column.is_not(None), column == who)


def _begun(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [Run.began_at >= wanted.since] if wanted.since is not None else []
    return [*found, Run.began_at < wanted.until] if wanted.until is not None else found


def _ends(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    took = SecondsBetween(Run.began_at, Run.ended_at)
    if wanted.ended_since is not None:
        yield Run.ended_at >= wanted.ended_since
    if wanted.ended_until is not None:
        yield Run.ended_at < wanted.ended_until
    if wanted.longer is not None:
        yield took >= wanted.longer
    if wanted.shorter is not None:
        yield took < wanted.shorter


def _planned(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    plan = aliased(JobConfiguration)
    if wanted.tag or wanted.version:
        given = [plan.tag == wanted.tag] if wanted.tag else []
        given += [plan.version == wanted.version] if wanted.version else []
        yield Run.job_configuration_id.in_(select(plan.id).where(*given))
    if wanted.value is not None:
        yield _told(*wanted.value, wanted.sight)


def _told(name: str, value: str, sight: Sight) -> ColumnElement[bool]:
    """Return whether a step of the run told a value; private ones are not found by those who may not see them."""
    key = json.dumps(name, ensure_ascii=False)
    texts = {json.dumps(value, ensure_ascii=False), *([value] if _is_bare(value) else [])}
    said = [f"{key}:{blank}{text}{end}" for blank in ("", " ") for text in sorted(texts) for end in (",", "}")]
    found = [RunStep.run == Run.number, or_(*(RunStep.event_metadata.contains(one, autoescape=True) for one in said))]
    if sight.is_customer:
        step, kept = StepConfiguration, MetadataConfiguration
        found.append(
            ~exists().where(
                step.realm_id == Run.realm_id,
                step.job_configuration_id == Run.job_configuration_id,
                step.tag == RunStep.tag,
                kept.step_configuration_id == step.id,
                kept.name == name,
                kept.private,
            )
        )
    return exists().where(RunStep.realm_id == Run.realm_id, *found)


def _is_bare(value: str) -> bool:
    """Return whether JSON has the text as a number or a truth, without quotes."""
    try:
        return isinstance(json.loads(value), bool | int | float)
    except ValueError:
        return False


def _stands(wanted: Wanted) -> ColumnElement[bool]:
    """Return the condition for any of several words, among them stalled, which is shown in place of a status."""
    condition: ColumnElement[bool] = Run.status.in_([word for word in wanted.status if word != "stalled"])
    return or_(condition, and_(*alarming("stalled", wanted.now))) if "stalled" in wanted.status else condition


def _by_status(wanted: Wanted) -> bool:
    """Return whether the index on status serves: one status of unit runs, newest first."""
    return len(wanted.status) == 1 and not (wanted.sort == "number" or wanted.parts or wanted.job_id is not None)


def _speaks_of(text: str) -> ColumnElement[bool]:
    columns = (Job.name, Run.name, Run.external_id, Run.reported_id)
    return or_(*(column.icontains(text, autoescape=True) for column in columns))
