"""Rows as they are in real use; each is committed when the function returns."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts import tokens
from app.accounts.models import ApiKey, Invitation, Membership, Role, SignInSession, User, UserKind
from app.accounts.passwords import hashed
from app.changes.models import Change
from app.db import Base, utcnow
from app.jobs.models import (
    Event,
    Job,
    JobConfiguration,
    LogChunk,
    MetadataConfiguration,
    Run,
    RunStep,
    RunTracking,
    StepConfiguration,
)
from app.locations.models import Location
from app.realms.models import App, CapGrant, Deactivated, Realm, RealmSlice

PASSWORD = "correct horse battery"
_HASH: list[str] = []
Row = TypeVar("Row", bound=Base)


def save(session: Session, row: Row) -> Row:
    """Add a row and commit."""
    session.add(row)
    session.commit()
    return row


def make_realm(session: Session, name: str) -> Realm:
    """Make a realm with its default slice."""
    realm = save(
        session, Realm(shortname=name, shortnamelc=name, longname=name.capitalize(), setby="SYSTEM", payload={})
    )
    default = save(session, RealmSlice(realm_id=realm.id, active=True, createdby="SYSTEM"))
    realm.default_slice_id = default.id
    return save(session, realm)


def make_user(session: Session, name: str, realm: Realm | None = None, *caps: str, service: bool = False) -> User:
    """Make an account with PASSWORD; with a realm a member of it who holds the capabilities."""
    if not _HASH:
        _HASH.append(hashed(PASSWORD))
    kind = UserKind.SERVICE if service else UserKind.PERSON
    password = None if service else _HASH[0]
    user = save(session, User(name=name, display_name=name.capitalize(), kind=kind, password=password, attributes={}))
    if realm is not None:
        make_membership(session, user, realm)
    for cap in caps:
        assert realm is not None
        make_grant(session, user, realm, cap)
    return user


def make_membership(session: Session, user: User, realm: Realm, role: Role = Role.CUSTOMER) -> Membership:
    """Let an account into a realm."""
    return save(session, Membership(realm_id=realm.id, user_id=user.id, role=role, created_by="SYSTEM"))


def make_grant(
    session: Session,
    user: User,
    realm: Realm,
    cap: str,
    *,
    app: App | None = None,
    from_: datetime | None = None,
    to: datetime | None = None,
) -> CapGrant:
    """Let an account hold a capability."""
    app_id = app.id if app else None
    row = CapGrant(realm_id=realm.id, user_id=user.id, app_id=app_id, cap=cap, from_=from_, to=to, setby="SYSTEM")
    return save(session, row)


def make_app(session: Session, realm: Realm, name: str) -> App:
    """Make an app of a realm."""
    return save(
        session,
        App(realm_id=realm.id, shortname=name, shortnamelc=name.lower(), longname=f"App {name}", setby="SYSTEM"),
    )


def make_deactivated(session: Session, realm: Realm, user: User | None = None) -> Deactivated:
    """Block a person, or without one the whole realm."""
    return save(session, Deactivated(realm_id=realm.id, user_id=user.id if user else None, deactby="owner"))


def make_key(
    session: Session, user: User, realm: Realm, *scopes: str, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Make a bearer key; returns the row and the text to send."""
    text = tokens.new_key()
    row = ApiKey(
        realm_id=realm.id,
        user_id=user.id,
        note="test",
        prefix=text[: tokens.SHOWN],
        hash=tokens.digest(text),
        scopes=list(scopes),
        expires_at=expires_at,
    )
    return save(session, row), text


def make_sign_in(session: Session, user: User) -> str:
    """Make a session of a browser; returns the token for its cookie."""
    token = tokens.new_token()
    row = SignInSession(
        user_id=user.id,
        token_hash=tokens.digest(token),
        last_seen_at=utcnow(),
        remote_addr="127.0.0.1",
        user_agent="test",
    )
    save(session, row)
    return token


def make_changes(session: Session, realm: Realm, number: int, **same: Any) -> Sequence[int]:
    """Make rows of the change log, one second apart, the newest now; returns their ids, oldest first."""
    now = utcnow()
    rows = [
        {
            "realm_id": realm.id,
            "at": now - timedelta(seconds=number - 1 - index),
            "who": "owner",
            "via": "session",
            "verb": "app.updated",
            "kind": "app",
            "entity_id": str(index),
            "label": f"App {index}",
            "fields": [{"field": "longname", "old": "a", "new": "b"}],
            "depth": 0,
            **same,
        }
        for index in range(number)
    ]
    found = session.scalars(insert(Change).returning(Change.id, sort_by_parameter_order=True), rows).all()
    session.commit()
    return found


def make_invitation(session: Session, realm: Realm, by: User, token: str = "") -> Invitation:
    """Make an open invitation into a realm; the token is what its link carries."""
    row = Invitation(
        realm_id=realm.id,
        email="new@example.org",
        caps=[],
        token_hash=tokens.digest(token or tokens.new_token()),
        expires_at=utcnow() + timedelta(days=7),
        invited_by=by.id,
    )
    return save(session, row)


def make_job(session: Session, realm: Realm, provider: User, tag: str) -> Job:
    """Make the job of a provider's tag, or return it where it is."""
    namespace = f"headwater://{provider.name}"
    known = session.scalar(select(Job).where(Job.realm_id == realm.id, Job.namespace == namespace, Job.name == tag))
    if known is not None:
        return known
    place = Location(realm_id=realm.id, type="headwater", name=provider.name, sort_name=f"{uuid4()}",
                     digest=uuid4().bytes)  # fmt: skip
    row = Job(realm_id=realm.id, location_id=save(session, place).id, namespace=namespace, name=tag, sort_name=tag,
              digest=uuid4().bytes, origin="tracked")  # fmt: skip
    return save(session, row)


def make_configuration(
    session: Session,
    realm: Realm,
    provider: User,
    steps: Sequence[tuple[str, int]] = (("fetch", 1), ("run", 8), ("return", 1)),
    *,
    tag: str = "lung",
    version: str = "1.0.0",
    metadata: Sequence[tuple[str, str, str, str | None, bool]] = (),
) -> JobConfiguration:
    """Make a plan of (tag, points); ``metadata`` are (step, name, kind, units, private)."""
    job = make_job(session, realm, provider, tag)
    plan = JobConfiguration(
        realm_id=realm.id, job_id=job.id, provider_id=provider.id, tag=tag, name=tag.capitalize(), version=version,
        major=version.partition(".")[0], digest=uuid4().bytes, content=uuid4().bytes,
    )  # fmt: skip
    save(session, plan)
    for position, (name, points) in enumerate(steps):
        step = StepConfiguration(realm_id=realm.id, job_configuration_id=plan.id, tag=name, name=name.capitalize(),
                                 points=points, position=position)  # fmt: skip
        save(session, step)
        for place, (_, label, kind, units, private) in enumerate(one for one in metadata if one[0] == name):
            save(session, MetadataConfiguration(realm_id=realm.id, step_configuration_id=step.id, name=label, kind=kind,
                                                units=units, private=private, position=place))  # fmt: skip
    return plan


def make_tracked_run(session: Session, provider: User, plan: JobConfiguration, **values: Any) -> Run:
    """Make a run of a plan that began ten minutes ago; ``values`` are columns of Run."""
    run_id, now = uuid7(), utcnow()
    began = values.get("began_at", now - timedelta(minutes=10))
    given = {
        "status": "running", "external_id": "433", "attempt": 1, "progress": 10.0, "progress_kind": "steps",
        "began_at": began, "started_at": began, "last_seen_at": now, "silent_until": now + timedelta(minutes=30),
    }  # fmt: skip
    row = Run(
        realm_id=plan.realm_id, id=run_id, reported_id=str(run_id), digest=uuid4().bytes, job_id=plan.job_id,
        role="unit", origin="tracked", provider_id=provider.id, job_configuration_id=plan.id, **{**given, **values},
    )  # fmt: skip
    save(session, row)
    save(session, RunTracking(realm_id=plan.realm_id, run=row.number))
    return row


def make_step(session: Session, run: Run, tag: str, position: int, state: str, **values: Any) -> RunStep:
    """Make the state of one step of a run; ``values`` are columns of RunStep."""
    given = {"is_done": state == "completed", **values}
    return save(
        session, RunStep(realm_id=run.realm_id, run=run.number, tag=tag, position=position, state=state, **given)
    )


def make_event(session: Session, run: Run, sequence: int, kind: str = "info", **values: Any) -> Event:
    """Make an event of a run, as many seconds after its beginning as its sequence says."""
    at = run.began_at + timedelta(seconds=sequence)
    given = {"wire_kind": kind, "occurred_at": at, "received_at": at, **values}
    return save(session, Event(realm_id=run.realm_id, run=run.number, sequence=sequence, kind=kind, **given))


def make_log(session: Session, run: Run, *texts: str, gap: int = 0) -> None:
    """Make chunks of a run's log, with ``gap`` bytes missing between each two."""
    offset = 0
    for text in texts:
        data = text.encode()
        save(session, LogChunk(realm_id=run.realm_id, run=run.number, offset=offset, size=len(data), bytes=data))
        offset += len(data) + gap
