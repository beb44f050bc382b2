"""Registering what a job is expected to do."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.actor import Actor
from app.changes.log import record
from app.db import utcnow
from app.jobs.actions.jobs import job_of
from app.jobs.actions.texts import LONGEST, in_turn, line, some_lines
from app.jobs.models import JobConfiguration, MetadataConfiguration, StepConfiguration
from app.jobs.naming import digest
from app.jobs.progress.differences import content_digest, differences
from app.jobs.progress.plan import Plan, PlannedStep, PlannedValue
from app.jobs.progress.semver import is_version, major, precedence
from app.jobs.queries import plans as queries
from app.jobs.reads.plans import known
from app.refusal import Problem, Refused

MOST_STEPS, MOST_VALUES = 1_000, 100
MOST_POINTS = 1_000_000
KINDS = ("text", "number", "link")


@dataclass(frozen=True, slots=True)
class ConfigurationDraft:
    """A version of a plan; ``is_lenient`` takes the points of old clients, which may be negative."""

    tag: str
    name: str
    version: str
    steps: tuple[PlannedStep, ...] = ()
    is_lenient: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """The configuration, whether it is new, and what is odd about it."""

    configuration: JobConfiguration
    created: bool
    warning: str | None


def register(session: Session, draft: ConfigurationDraft, provider: User | None, actor: Actor) -> Registered:
    """Make a version of a plan for a provider (None: the system), or find it. Flushes.

    Raises Refused: 422 with a path for each thing wrong; 409 ``exists`` with ``changes`` [{path, old, new}] when the
    version is known with other content.
    """
    problems = list(_problems(draft))
    if problems:
        raise Refused(*problems)
    in_turn(session, "plans", provider.id if provider else None)
    identity = digest(str(provider.id) if provider else "", draft.tag, draft.version)
    plan = Plan(draft.name, draft.steps)
    row = session.scalar(queries.by_digest(identity))
    if row is None:
        return _make(session, draft, provider, identity, actor)
    if row.content != content_digest(plan):
        changes = differences(known(session, row).plan, plan)
        words = f"{draft.tag} {draft.version} already exists with other content; give it a new version."
        raise Refused(Problem("exists", words, "/version", draft.version), status=409, extra={"changes": changes})
    return Registered(row, created=False, warning=warning(session, row))


def warning(session: Session, row: JobConfiguration) -> str | None:
    """Return words when the newest version of a tag is lower than an older one; None for any other."""
    all_of_tag = list(session.scalars(queries.of_tag(row.provider_id, row.tag)))
    if all_of_tag[0].id != row.id:
        return None
    highest = max(all_of_tag, key=lambda one: precedence(one.version))
    if precedence(highest.version) <= precedence(row.version):
        return None
    return f"{row.version} is the latest, for it came last, but {highest.version} is a higher version."


def archive(session: Session, rows: Sequence[JobConfiguration], why: str, actor: Actor) -> None:
    """Hide a tag (all its versions) from pickers; its runs stay. Flushes.

    Raises Refused: 409 when it is archived already, 422 (field ``why``) for too long a reason.
    """
    reason = some_lines(why, "why", 500)
    if all(row.archived_at for row in rows):
        raise Refused(Problem("archived", "It is archived already."), status=409)
    for row in rows:
        row.archived_at, row.archived_by, row.archived_why = utcnow(), actor.name[:100], reason
    _told(session, rows[0], "archived", actor, [("why", None, reason)])


def restore(session: Session, rows: Sequence[JobConfiguration], actor: Actor) -> None:
    """Show a tag in pickers again. Flushes. Raises Refused 409 when it is not archived."""
    if not any(row.archived_at for row in rows):
        raise Refused(Problem("not_archived", "It is not archived."), status=409)
    for row in rows:
        row.archived_at = row.archived_by = row.archived_why = None
    _told(session, rows[0], "restored", actor)


def _make(
    session: Session, draft: ConfigurationDraft, provider: User | None, identity: bytes, actor: Actor
) -> Registered:
    job = job_of(session, provider.name if provider else None, draft.tag)
    plan = Plan(draft.name, draft.steps)
    realm_id = session.info["realm_id"]
    row = JobConfiguration(
        realm_id=realm_id, job_id=job.id, provider_id=provider.id if provider else None, tag=draft.tag, name=draft.name,
        version=draft.version, major=major(draft.version), digest=identity, content=content_digest(plan),
        created_at=utcnow(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    made = [
        StepConfiguration(
            realm_id=realm_id, job_configuration_id=row.id, tag=step.tag, name=step.name, points=step.points,
            position=position, required=step.required,
        )
        for position, step in enumerate(draft.steps)
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    session.add_all(
        MetadataConfiguration(
            realm_id=realm_id, step_configuration_id=step.id, name=value.name, kind=value.kind, units=value.units,
            private=value.private, position=position,
        )
        for step, planned in zip(made, draft.steps, strict=True)
        for position, value in enumerate(planned.metadata)
    )  # fmt: skip
    session.flush()
    _told(session, row, "created", actor, [("version", None, row.version), ("steps", None, len(made))])
    return Registered(row, created=True, warning=warning(session, row))


def _told(
    session: Session,
    row: JobConfiguration,
    deed: str,
    actor: Actor,
    fields: Sequence[tuple[str, object, object]] = (),
) -> None:
    session.flush()
    label = f"{row.tag} {row.version}"
    record(session, f"job_configuration.{deed}", "job_configuration", row.id, label, actor, fields=fields)


def _problems(draft: ConfigurationDraft) -> Iterator[Problem]:
    yield from _line(draft.tag, "/tag")
    yield from _line(draft.name, "/name")
    if not is_version(draft.version) or len(draft.version) > LONGEST:
        words = f"{draft.version[:100]} is no version: use MAJOR.MINOR.PATCH (semver.org)."
        yield Problem("bad_version", words, "/version", draft.version[:100])
    if len(draft.steps) > MOST_STEPS:
        yield Problem("too_many", f"A plan has at most {MOST_STEPS:,} steps.", "/steps")
        return
    counts = Counter(step.tag for step in draft.steps)
    for index, step in enumerate(draft.steps):
        yield from _step_problems(step, f"/steps/{index}", draft)
        if counts[step.tag] > 1:
            yield Problem(
                "duplicate", f"Two steps have the tag {step.tag[:100]}.", f"/steps/{index}/tag", step.tag[:100]
            )


def _step_problems(step: PlannedStep, path: str, draft: ConfigurationDraft) -> Iterator[Problem]:
    yield from _line(step.tag, f"{path}/tag")
    yield from _line(step.name, f"{path}/name")
    least = -MOST_POINTS if draft.is_lenient else 0
    if not least <= step.points <= MOST_POINTS:
        words = f"Points are whole numbers from {least:,} to {MOST_POINTS:,}."
        yield Problem("bad_points", words, f"{path}/points", str(step.points)[:100])
    if len(step.metadata) > MOST_VALUES:
        yield Problem("too_many", f"A step has at most {MOST_VALUES} values.", f"{path}/metadata")
        return
    names = Counter(value.name for value in step.metadata)
    for index, value in enumerate(step.metadata):
        yield from _value_problems(value, f"{path}/metadata/{index}", names)


def _value_problems(value: PlannedValue, path: str, names: Counter[str]) -> Iterator[Problem]:
    yield from _line(value.name, f"{path}/name")
    if names[value.name] > 1:
        yield Problem("duplicate", f"Two values are called {value.name[:100]}.", f"{path}/name", value.name[:100])
    if value.kind not in KINDS:
        yield Problem("unknown_kind", f"Use one of {', '.join(KINDS)}.", f"{path}/kind", value.kind[:100])
    if value.units is not None:
        yield from _line(value.units, f"{path}/units", 50)


def _line(text: str, path: str, longest: int = LONGEST) -> Iterator[Problem]:
    try:
        line(text, path, longest=longest)
    except Refused as refusal:
        yield from refusal.problems
