"""What people expect of a job: how often it says something, when its runs are done, how strict its metadata is."""

import re
from dataclasses import asdict, dataclass
from typing import Final
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import record_update
from app.jobs.actions.metadata import CHECKS
from app.jobs.actions.pulse import expect_anew
from app.jobs.models import Job
from app.refusal import Problem, Refused

HEARTBEAT, DEADLINE = (10, 604_800), (60, 31_536_000)
TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class AlarmDraft:
    """All alarms of a job: what is None is not set. Lengths in seconds, ``due_by`` as HH:MM in the zone."""

    heartbeat_s: int | None = None
    deadline_s: int | None = None
    due_by: str | None = None
    due_zone: str | None = None
    metadata_check: str | None = None


def set_alarms(session: Session, job: Job, draft: AlarmDraft, actor: Actor) -> bool:
    """Set the alarms of a job, hence of all versions of a tag and of its open runs; returns whether any changed.

    Flushes. Raises Refused 422 naming each field that is wrong.
    """
    problems = _problems(draft)
    if problems:
        raise Refused(*problems)
    after = asdict(draft)
    before = {name: getattr(job, name) for name in after}
    for name, value in after.items():
        setattr(job, name, value)
    session.flush()
    changed = record_update(session, "job.updated", "job", job.id, job.name, actor, before=before, after=after)
    if changed:
        expect_anew(session, job, before["deadline_s"])
    return changed


def _problems(draft: AlarmDraft) -> list[Problem]:
    found = []
    for field, value, (least, most) in (
        ("heartbeat_s", draft.heartbeat_s, HEARTBEAT),
        ("deadline_s", draft.deadline_s, DEADLINE),
    ):
        if value is not None and not least <= value <= most:
            found.append(Problem("out_of_range", f"Use {least:,} to {most:,} seconds.", field, str(value)[:20]))
    if draft.due_by is not None and not TIME.fullmatch(draft.due_by):
        found.append(Problem("bad_time", "Use a time of day such as 07:30.", "due_by", draft.due_by[:20]))
    if (draft.due_by is None) != (draft.due_zone is None):
        found.append(Problem("required", "A time of day and its zone belong together.", "due_zone"))
    elif draft.due_zone is not None and draft.due_zone not in available_timezones():
        words = "Use a zone such as Europe/Berlin."
        found.append(Problem("unknown_zone", words, "due_zone", draft.due_zone[:64]))
    if draft.metadata_check is not None and draft.metadata_check not in CHECKS:
        words = f"Use one of {', '.join(CHECKS)}."
        found.append(Problem("unknown_check", words, "metadata_check", draft.metadata_check[:20]))
    return found
