"""Cancelling and trying again many runs: what would become of each, and what became of it; pages do it alike."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl

from flask import jsonify
from flask.typing import ResponseReturnValue
from msgspec import Struct
from werkzeug.datastructures import MultiDict

from app.accounts.models import User
from app.changes.actor import current_actor
from app.db import db
from app.jobs import asked, listed
from app.jobs.actions.ending import request_cancel
from app.jobs.actions.opening import retry
from app.jobs.models import Job, Run
from app.jobs.queries import runs as queries
from app.jobs.queries import sight as seen
from app.jobs.queries.tracking import by_id
from app.jobs.reads.many import ACTS, Verdict, verdict
from app.jobs.reads.tracked import tracked
from app.refusal import Problem, Refused
from app.web.blueprints import api_blueprint
from app.web.body import decoded
from app.web.described import describe
from app.web.guard import needs

bp = api_blueprint("api_runs_bulk", __name__, "/api/v1/jobs/runs/bulk")
MOST: Final = 200
LONGEST_QUERY: Final = 8_000
LONGEST_WHY: Final = 500
describe(
    "api_runs_bulk.act",
    "Tracking runs",
    body={"act": "cancel", "query": "tag=lung&status=running", "why": "wrong input", "dry_run": True},
    answer={
        "act": "cancel", "dry_run": True, "number": 1, "more": False,
        "counts": [{"words": "running: its program is asked to stop", "done": True, "number": 1}],
        "runs": [{"number": 1042, "id": "0194e9a1-6b7c-7d22-8f10-3c1d2b7a9e55", "done": True,
                  "words": "running: its program is asked to stop"}],
    },
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A run, its job, and what will or did become of it."""

    run: Run
    job: Job
    verdict: Verdict


class Bulk(Struct, forbid_unknown_fields=True):
    """What to do to which runs: those of ``runs`` by number, or all of a list's ``query``."""

    act: str
    runs: list[int] = []
    query: str | None = None
    why: str = ""
    dry_run: bool = False


@bp.post("")
@needs("jobs.write")
def act() -> ResponseReturnValue:
    """Cancel runs or try them again, each in a transaction of its own, at most 200; ``dry_run`` says what it would do.

    A run that has gone on since is left alone and says why.
    """
    asked.not_for_customers()
    given = decoded(Bulk)
    what = asked.one_of(given.act, ACTS, "act") or ACTS[0]
    if len(given.why) > LONGEST_WHY or not given.why.isprintable():
        raise Refused(Problem("bad_reason", f"Use at most {LONGEST_WHY} characters.", "why"))
    found, is_more = matching(given.query) if given.query is not None else (numbered(given.runs), False)
    if given.dry_run:
        rows = preview(what, found)
    else:
        rows = carried_out(what, [run.number for run, _ in found], given.why or None)
    return jsonify({
        "act": what,
        "dry_run": given.dry_run,
        "number": sum(row.verdict.is_done for row in rows),
        "more": is_more,
        "counts": [{"words": one.words, "done": one.is_done, "number": number} for one, number in counted(rows)],
        "runs": [{"number": row.run.number, "id": str(row.run.id), **_told(row.verdict)} for row in rows],
    })  # fmt: skip


def preview(act: str, found: Sequence[tuple[Run, Job]]) -> list[Row]:
    """Return what an act would do to runs."""
    return [Row(run, job, verdict(act, run, asked.sight())) for run, job in found]


def carried_out(act: str, numbers: Sequence[int], why: str | None) -> list[Row]:
    """Do it to each run in a transaction of its own, and return what became of it."""
    done = {number: _do(act, number, why) for number in numbers}
    return [Row(run, job, done[run.number]) for run, job in numbered(numbers)]


def counted(rows: Sequence[Row]) -> list[tuple[Verdict, int]]:
    """Return how many runs share a verdict; what is done comes first, then the most."""
    return sorted(Counter(row.verdict for row in rows).most_common(), key=lambda pair: not pair[0].is_done)


def matching(query: str) -> tuple[list[tuple[Run, Job]], bool]:
    """Return the runs that a list's query leaves, and whether there are more than may be changed at once."""
    found = listed.runs(asked.runs_of(MultiDict(parse_qsl(query[:LONGEST_QUERY]))))
    whole_list = replace(found, listing=replace(found.listing, limit=MOST + 1, cursor=None, format=""))
    rows = [(row[0], row[1]) for row in whole_list.page()]
    return rows[:MOST], len(rows) > MOST


def numbered(numbers: Sequence[int]) -> list[tuple[Run, Job]]:
    """Return those of the runs that the account sees, in the given order; raises Refused beyond 200."""
    if len(numbers) > MOST:
        raise Refused(Problem("too_many", f"At most {MOST} runs at once.", "id"))
    known = [number for number in numbers if 0 < number < asked.BIGGEST]
    select = queries.numbered(known).where(*seen.rows(asked.sight()))
    found = {run.number: (run, job) for run, job in db.session.execute(select)}
    return [found[number] for number in dict.fromkeys(known) if number in found]


def _do(act: str, number: int, why: str | None) -> Verdict:
    session, sight = db.session(), asked.sight()
    one = tracked(session, by_id(number))
    if one is None:
        return Verdict(is_done=False, words="is gone")
    # It may have gone on since the preview.
    found = verdict(act, one.run, sight)
    if found.is_done:
        try:
            if act == "cancel":
                request_cancel(session, one, why, current_actor())
            else:
                retry(session, one, session.get_one(User, one.run.provider_id), current_actor())
        except Refused as refusal:
            found = Verdict(is_done=False, words=refusal.problems[0].detail)
    session.commit() if found.is_done else session.rollback()
    return found


def _told(verdict_: Verdict) -> dict[str, Any]:
    return {"done": verdict_.is_done, "words": verdict_.words}
