"""Put in the runs of partners, through the actions behind the API."""

from datetime import timedelta

from sqlalchemy.orm import Session

from app.accounts.actions.users import UserDraft, add_member, create_user
from app.accounts.models import Role, User, UserKind
from app.accounts.queries import user_named
from app.changes.actor import CLI, Actor
from app.db import utcnow
from app.demo.partners import PARTNERS, ROUTES, SHELVES, STORES, TRAINING, Attempt, attempts
from app.jobs.actions.alarms import AlarmDraft, set_alarms
from app.jobs.actions.configurations import ConfigurationDraft, register
from app.jobs.actions.logs import append_log
from app.jobs.actions.opening import RunDraft, open_run
from app.jobs.actions.reporting import EventDraft, report
from app.jobs.models import Job, RunStatus
from app.jobs.reads.tracked import Tracked, numbered
from app.realms.actions import GrantDraft, grant

PROVIDER_OF = {ROUTES: "route-planner", SHELVES: "shelf-vision", TRAINING: "shelf-vision"}
# The scan that runs counts as stalled a minute after it was put in, so that one sees what that looks like.
ALARMS = {
    ROUTES: AlarmDraft(heartbeat_s=21_600, deadline_s=2_700),
    SHELVES: AlarmDraft(heartbeat_s=60),
    TRAINING: AlarmDraft(heartbeat_s=21_600),
}


def track(session: Session) -> int:
    """Let partners and stores in, register plans and tell every run; returns how many. Flushes, does not commit."""
    providers = {partner.login: _member(session, partner.login, partner.name, Role.PROVIDER) for partner in PARTNERS}
    for login, name in STORES.items():
        _member(session, login, name, Role.CUSTOMER)
    for partner in PARTNERS:
        provider = providers[partner.login]
        for version, steps in partner.versions:
            register(session, ConfigurationDraft(partner.tag, partner.title, version, steps), provider, _who(provider))
    found = list(attempts())
    jobs: dict[str, Job] = {}
    for one in found:
        jobs[one.job] = _run(session, one, providers[PROVIDER_OF[one.job]])
    for name, alarms in ALARMS.items():
        set_alarms(session, jobs[name], alarms, _who(providers[PROVIDER_OF[name]]))
    return len(found)


def _member(session: Session, login: str, name: str, role: Role) -> User:
    user = session.scalar(user_named(login))
    if user is None:
        kind = UserKind.SERVICE if role is Role.PROVIDER else UserKind.PERSON
        user = create_user(session, UserDraft(login, name, kind=kind), actor=CLI)
    add_member(session, user, role, actor=CLI)
    caps = ("jobs.read", "jobs.write") if role is Role.PROVIDER else ("jobs.read",)
    grant(session, GrantDraft(login, caps), actor=CLI, by_root=True)
    return user


def _run(session: Session, one: Attempt, provider: User) -> Job:
    now, who = utcnow(), _who(provider)
    tag, job = (one.job, None) if one.planned else (None, one.job)
    due = now + timedelta(minutes=one.due_in) if one.due_in is not None else None
    draft = RunDraft(
        one.external_id, tag=tag, job=job, customer=one.customer, version=one.version, name=one.name, deadline_at=due
    )
    tracked = _opened(session, draft, provider)
    drafts = [
        EventDraft(
            told.kind, step=told.step, metadata=told.values, fraction=told.fraction, progress=told.progress,
            occurred_at=now - timedelta(minutes=told.ago), event_id=f"{one.external_id}-{place}", reason=told.reason,
        )
        for place, told in enumerate(one.told)
    ]  # fmt: skip
    if drafts:
        report(session, tracked, drafts, who)
    if one.log:
        append_log(session, tracked, None, ("\n".join(one.log) + "\n").encode(), who)
    if RunStatus(tracked.run.status) is RunStatus.FAILED and "today" not in one.external_id:
        _again(session, one, provider)
    return tracked.job


def _again(session: Session, one: Attempt, provider: User) -> None:
    """Try a scan that failed again, and end it well an hour later."""
    who = _who(provider)
    tracked = _opened(session, RunDraft(one.external_id, tag=one.job, customer=one.customer), provider)
    begun = one.told[-1].ago - 60
    drafts = [
        EventDraft("step", step=tag, occurred_at=utcnow() - timedelta(minutes=begun - place * 12), event_id=tag)
        for place, tag in enumerate(("fetch", "detect", "compare"))
    ]
    report(session, tracked, drafts, who)
    last = EventDraft("step", step="report", occurred_at=utcnow() - timedelta(minutes=begun - 48), event_id="report")
    report(session, tracked, [last], who)


def _opened(session: Session, draft: RunDraft, provider: User) -> Tracked:
    """Open a run and read it again, as a program's next request does: with how earlier ones went."""
    opened = open_run(session, draft, provider, _who(provider))
    session.flush()
    return numbered(session, opened.run.number) or opened.tracked


def _who(user: User) -> Actor:
    return Actor(user.name, "key")
