"""Hooks are made, changed, given new secrets and taken away."""

from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import User
from app.changes.actor import Actor
from app.changes.log import record, record_update
from app.changes.models import Change
from app.changes.values import whole
from app.changes.verbs import PAST
from app.config import Settings
from app.db import utcnow
from app.delivery import signing
from app.delivery.drafts import BOUNDS, HookDraft
from app.delivery.models import Attempt, Delivery, Hook
from app.delivery.queries import hooks as queries
from app.delivery.rights import standing_of_user
from app.delivery.sealing import seal
from app.delivery.targets import Reader
from app.delivery.triggers import Known, read
from app.refusal import Problem, Refused
from app.web.kinds import kinds

LONGEST_NAME, LONGEST_DESCRIPTION = 511, 1_023
GRACE_DAYS = 7


def create(session: Session, draft: HookDraft, actor: Actor, *, by_root: bool = False) -> tuple[Hook, str]:
    """Make a hook and return it with its secret, shown once. Flushes; raises Refused with all that is wrong."""
    values, credential = _checked(session, draft, None)
    owner = _owner(session, draft.owner or actor.name, actor, by_root=by_root)
    settings, secret = _settings(), signing.new_secret()
    hook = Hook(
        realm_id=session.info["realm_id"], owner_id=owner.id, secret=seal(settings, secret), created_by=actor.name,
        credential=seal(settings, credential) if credential else None, enabled=draft.enabled,
        disabled_why=None if draft.enabled else "by_hand", disabled_at=None if draft.enabled else utcnow(), **values,
    )  # fmt: skip
    hook.owner = owner
    session.add(hook)
    session.flush()
    fields = [(name, None, value) for name, value in values.items()]
    record(session, "hook.created", "hook", hook.id, hook.name, actor, fields=[*fields, ("owner", None, owner.name)])
    hook.since_seq = session.scalar(select(func.max(Change.id)).limit(1)) or 0
    session.flush()
    return hook, secret


def change(session: Session, hook: Hook, draft: HookDraft, actor: Actor, *, by_root: bool = False) -> bool:
    """Change a hook; False when nothing differs. A credential that is not given stays. Flushes; raises Refused."""
    values, credential = _checked(session, draft, hook)
    before = {name: getattr(hook, name) for name in values} | {"owner": hook.owner.name}
    if draft.owner and draft.owner.lower() != hook.owner.name:
        hook.owner = _owner(session, draft.owner, actor, by_root=by_root)
        hook.owner_id = hook.owner.id
    for name, value in values.items():
        setattr(hook, name, value)
    after = {**values, "owner": hook.owner.name}
    if credential is not None:
        hook.credential = seal(_settings(), credential) if credential else None
        before, after = {**before, "credential": "one"}, {**after, "credential": "another" if credential else "none"}
    if not record_update(session, "hook.updated", "hook", hook.id, hook.name, actor, before=before, after=after):
        return False
    hook.version, hook.updated_at, hook.updated_by = hook.version + 1, utcnow(), actor.name
    session.flush()
    return True


def rotate(session: Session, hook: Hook, actor: Actor, *, grace_hours: int = 24) -> str:
    """Give a hook a new secret and return it; the old one signs too for 0 to 7 days. Flushes; raises Refused."""
    if not 0 <= grace_hours <= GRACE_DAYS * 24:
        raise Refused(Problem("bad_grace", f"Use 0 to {GRACE_DAYS * 24} hours.", "grace_hours", grace_hours))
    settings, secret = _settings(), signing.new_secret()
    until = utcnow() + timedelta(hours=grace_hours)
    hook.previous_secret, hook.previous_until = (hook.secret, until) if grace_hours else (None, None)
    hook.secret = seal(settings, secret)
    fields = [("secret", "one", "another"), ("previous_until", None, hook.previous_until)]
    record(session, "hook.rotated", "hook", hook.id, hook.name, actor, fields=fields)
    session.flush()
    return secret


def remove(session: Session, hook: Hook, actor: Actor) -> None:
    """Take a hook away with its deliveries; the whole row goes to the log, secrets apart. Flushes."""
    realm_id, mine = session.info["realm_id"], select(Delivery.id).where(Delivery.hook_id == hook.id)
    kept = whole(hook) | {"previous_secret": None, "credential": None}
    record(session, "hook.deleted", "hook", hook.id, hook.name, actor, row=kept)
    session.execute(delete(Attempt).where(Attempt.realm_id == realm_id, Attempt.delivery_id.in_(mine)))
    session.execute(delete(Delivery).where(Delivery.realm_id == realm_id, Delivery.hook_id == hook.id))
    session.delete(hook)
    session.flush()


def known() -> Known:
    """Return what triggers may ask for."""
    return Known([kind.kind for kind in kinds()], sorted(PAST))


def _checked(session: Session, draft: HookDraft, hook: Hook | None) -> tuple[dict[str, Any], str | None]:
    """Return the columns of a draft and the credential; raises Refused naming everything that is wrong, at once."""
    reader = Reader(_settings())
    target = reader.read(draft.hook)
    trigger, problems = read(draft.trigger, known())
    problems = [*_name_problems(session, draft, hook), *_number_problems(draft), *problems, *reader.problems]
    if draft.project_ids:
        problems.append(Problem("no_projects", "There are no projects yet.", "/project_ids"))
    if problems:
        raise Refused(*problems)
    numbers = {name: getattr(draft, name) for name in BOUNDS}
    text = {"name": draft.name.strip(), "description": draft.description.strip()}
    return {**text, "trigger": trigger, "target": target, **numbers, "ordered": draft.ordered}, reader.credential


def _name_problems(session: Session, draft: HookDraft, hook: Hook | None) -> list[Problem]:
    name = draft.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return [Problem("required", f"Enter a name of at most {LONGEST_NAME} characters.", "/name")]
    if len(draft.description) > LONGEST_DESCRIPTION:
        return [Problem("too_long", f"A description has at most {LONGEST_DESCRIPTION:,} characters.", "/description")]
    taken = session.scalar(queries.named(name))
    if taken is not None and taken is not hook:
        return [Problem("taken", f"There is a hook {name} already.", "/name", name)]
    return []


def _number_problems(draft: HookDraft) -> list[Problem]:
    return [
        Problem("out_of_range", f"Use {low:,} to {high:,}.", f"/{name}", getattr(draft, name))
        for name, (low, high) in BOUNDS.items()
        if not low <= getattr(draft, name) <= high
    ]


def _owner(session: Session, name: str, actor: Actor, *, by_root: bool) -> User:
    if name.lower() != actor.name and not by_root:
        raise Refused(Problem("not_yours", "Only root gives a hook to somebody else.", "/owner", name))
    user = session.scalar(accounts.user_named(name))
    if user is None or standing_of_user(user, session.info["realm_id"]) is None:
        raise Refused(Problem("unknown_user", f"There is no account {name} in this realm.", "/owner", name))
    return user


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
