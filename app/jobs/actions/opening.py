"""Opening runs: the same names again give the same run, or a new attempt after one that ended badly."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts.models import User
from app.changes.actor import Actor
from app.changes.log import record
from app.db import utcnow
from app.jobs.actions.jobs import job_of
from app.jobs.actions.parties import customer_of
from app.jobs.actions.pulse import alarms_at_start
from app.jobs.actions.telling import label_of
from app.jobs.actions.texts import in_turn, line, some_lines
from app.jobs.models import Job, JobConfiguration, Run, RunJob, RunStatus, RunTracking
from app.jobs.naming import run_digest
from app.jobs.queries import plans, tracking
from app.jobs.reads.plans import known
from app.jobs.reads.tracked import Tracked, tracked
from app.refusal import Problem, Refused

MOST_ATTEMPTS = 1_000_000


@dataclass(frozen=True, slots=True)
class RunDraft:
    """A run to be opened: under a ``tag`` that has a configuration, or a ``job`` that needs none.

    ``customer`` is a login or id; None leaves it open. ``version`` None takes the latest. ``attempt`` None lets the
    rule choose. With ``any_customer`` the customer may have any role (what other slices open); without ``attempts`` the
    newest attempt is the answer however it ended. Without ``planned`` no configuration is looked for.
    """

    external_id: str
    tag: str | None = None
    job: str | None = None
    customer: str | int | None = None
    version: str | None = None
    name: str | None = None
    description: str | None = None
    parent: Run | None = None
    attempt: int | None = None
    deadline_at: datetime | None = None
    log_url: str | None = None
    any_customer: bool = False
    attempts: bool = True
    planned: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """The run, with what its events need, and whether it is new."""

    tracked: Tracked
    created: bool

    @property
    def run(self) -> Run:
        """Return the run."""
        return self.tracked.run


def open_run(session: Session, draft: RunDraft, provider: User, actor: Actor) -> Opened:
    """Open a run of a provider, or find it. Flushes.

    The newest attempt is the answer while it is open or completed; after a failed or cancelled one a new attempt is.
    Raises Refused: 422 (fields ``external_id``, ``tag``, ``version``, ``customer``, ``name``, ...) for what cannot be,
    409 ``other_run`` when the id is that of a run of another tag or customer.
    """
    _check(draft)
    in_turn(session, "open", provider.id, draft.external_id)
    customer = (
        customer_of(session, draft.customer, any_member=draft.any_customer) if draft.customer is not None else None
    )
    newest = tracked(session, tracking.newest(provider.id, draft.external_id))
    if newest is None:
        return Opened(_make(session, draft, (provider, customer), draft.attempt or 1, actor), created=True)
    _check_same(newest, draft, customer)
    if draft.attempt is not None and draft.attempt != newest.run.attempt:
        return _asked_for(session, draft, (provider, customer), newest, actor)
    has_ended_badly = newest.run.status in (RunStatus.FAILED, RunStatus.CANCELLED)
    if not (has_ended_badly and draft.attempts) or draft.attempt is not None:
        return Opened(newest, created=False)
    return Opened(_again(session, draft, (provider, customer), newest, actor), created=True)


def retry(session: Session, before: Tracked, provider: User, actor: Actor) -> Opened:
    """Open a new attempt of a run a person wants again. Flushes.

    Raises Refused 409 ``not_final`` unless it is the newest attempt of a tracked run and has ended.
    """
    run = before.run
    if run.provider_id is None or not RunStatus(run.status).is_final or run.next_attempt is not None:
        words = "Only the newest attempt of a tracked run that has ended can be tried again."
        raise Refused(Problem("not_final", words), status=409)
    in_turn(session, "open", provider.id, run.external_id)
    draft = RunDraft(run.external_id or "", name=run.name, description=run.description, log_url=None)
    return Opened(_again(session, draft, (provider, None), before, actor), created=True)


def _asked_for(
    session: Session, draft: RunDraft, parties: tuple[User, User | None], newest: Tracked, actor: Actor
) -> Opened:
    """Return the attempt the program names; a later one than the newest is made."""
    wanted, last = draft.attempt or 1, newest.run.attempt or 1
    if wanted > last:
        return Opened(_again(session, draft, parties, newest, actor, number=wanted), created=True)
    found = tracked(session, tracking.attempt(parties[0].id, draft.external_id, wanted))
    if found is None:
        words = f"There is no attempt {wanted}; the newest is {last}."
        raise Refused(Problem("unknown_attempt", words, "attempt", wanted), status=409)
    return Opened(found, created=False)


def _again(
    session: Session,
    draft: RunDraft,
    parties: tuple[User, User | None],
    before: Tracked,
    actor: Actor,
    *,
    number: int | None = None,
) -> Tracked:
    old, plan = before.run, before.configuration
    number = number or (old.attempt or 1) + 1
    whole = replace(
        draft,
        tag=draft.tag or (plan.tag if plan else None),
        job=draft.job or before.job.name,
        name=draft.name or old.name,
        description=draft.description or old.description,
    )
    made = _make(session, whole, parties, number, actor, before=before)
    old.next_attempt = number
    return made


def _make(
    session: Session,
    draft: RunDraft,
    parties: tuple[User, User | None],
    attempt: int,
    actor: Actor,
    before: Tracked | None = None,
) -> Tracked:
    provider, customer = parties
    plan = _plan(session, draft, provider)
    job = job_of(session, provider.name, plan.tag if plan else draft.job or "")
    old = before.run if before else None
    run = _row(session, draft, job, attempt, old)
    run.provider_id, run.customer_id = provider.id, customer.id if customer else old.customer_id if old else None
    run.job_configuration_id = plan.id if plan else None
    if plan is not None and known(session, plan).plan.steps:
        run.progress, run.progress_kind = 0.0, "steps"
    session.add(run)
    session.flush()
    following = RunTracking(realm_id=run.realm_id, run=run.number, sequence=0, fold="{}", points="[]", gaps="[]",
                            told="", log_bytes=0)  # fmt: skip
    session.add(following)
    at = run.began_at
    session.add(RunJob(realm_id=run.realm_id, run=run.number, job_id=job.id, first_at=at, last_at=at))
    job.runs, job.last_run_at, job.last_run = (job.runs or 0) + 1, at, run.number
    made = Tracked(run, job, following, plan)
    alarms_at_start(session, made, draft.deadline_at)
    session.flush()
    record(session, "run.created", "run", run.id, label_of(made), actor, fields=_fields(run, provider, customer))
    return made


def _fields(run: Run, provider: User, customer: User | None) -> list[tuple[str, object, object]]:
    found: list[tuple[str, object, object]] = [("status", None, run.status), ("provider", None, provider.name)]
    if customer is not None:
        found.append(("customer", None, customer.name))
    return [*found, ("number", None, run.number)]


def _row(session: Session, draft: RunDraft, job: Job, attempt: int, old: Run | None) -> Run:
    now, id_ = utcnow(), uuid7()
    parent = draft.parent
    return Run(
        realm_id=session.info["realm_id"], id=id_, reported_id=str(id_), digest=run_digest(str(id_)), job_id=job.id,
        status=RunStatus.QUEUED, role="unit", origin="tracked", external_id=draft.external_id, attempt=attempt,
        name=draft.name, description=some_lines(draft.description, "description", 20_000),
        log_url=draft.log_url, began_at=now, last_seen_at=now,
        parent_run=parent.number if parent else old.parent_run if old else None,
        root_run=(parent.root_run or parent.number) if parent else old.root_run if old else None,
    )  # fmt: skip


def _plan(session: Session, draft: RunDraft, provider: User) -> JobConfiguration | None:
    """Return the configuration a new run follows: the version it names, else the latest of the tag."""
    if not draft.planned:
        return None
    tag = draft.tag or draft.job or ""
    if draft.version is None:
        found = session.scalar(plans.of_tag(provider.id, tag).limit(1))
    else:
        found = session.scalar(plans.of_tag(provider.id, tag).where(JobConfiguration.version == draft.version))
        if found is None:
            words = f"{tag} has no version {draft.version[:100]}."
            raise Refused(Problem("unknown_version", words, "version", draft.version[:100]))
    if found is None and draft.tag is not None:
        raise Refused(Problem("unknown_tag", f"No configuration has the tag {tag[:100]}.", "tag", tag[:100]))
    return found


def _check(draft: RunDraft) -> None:
    line(draft.external_id, "external_id")
    if draft.tag is None and draft.job is None:
        raise Refused(Problem("required", "Name the tag or the job.", "tag"))
    for field, value in (("tag", draft.tag), ("job", draft.job), ("name", draft.name), ("version", draft.version)):
        if value is not None:
            line(value, field)
    if draft.log_url is not None:
        line(draft.log_url, "log_url", longest=2_000)
    if draft.attempt is not None and not 1 <= draft.attempt <= MOST_ATTEMPTS:
        raise Refused(Problem("bad_attempt", "Attempts count from 1.", "attempt", str(draft.attempt)[:100]))


def is_same(one: Tracked, draft: RunDraft) -> bool:
    """Return whether the newest attempt of a run is plainly the one a draft means: no need to look further."""
    if draft.attempts or draft.customer is not None or draft.attempt is not None:
        return False
    return (draft.tag or draft.job) in {one.job.name, one.configuration.tag if one.configuration else one.job.name}


def _check_same(newest: Tracked, draft: RunDraft, customer: User | None) -> None:
    run, plan = newest.run, newest.configuration
    name = draft.tag or draft.job
    if name not in {newest.job.name, plan.tag if plan else newest.job.name}:
        words = f"{draft.external_id} is a run of {newest.job.name}; ids are unique within a provider."
        raise Refused(Problem("other_run", words, "external_id", draft.external_id), status=409)
    if customer is not None and customer.id != run.customer_id:
        words = f"{draft.external_id} is a run for another customer."
        raise Refused(Problem("other_run", words, "customer", draft.customer), status=409)
