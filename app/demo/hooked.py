"""Make the hooks of the story by the action behind the form, and write down what they sent."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.actor import CLI
from app.db import utcnow
from app.delivery.actions.hooks import create
from app.delivery.drafts import HookDraft
from app.delivery.models import Attempt, Delivery, Hook, State
from app.demo.hooks import HOOKS, HOST, Sent, StoryHook, sent
from app.realms import queries

AGE = timedelta(days=21)


def hook(session: Session, realm_id: int) -> int:
    """Make hooks and their deliveries; returns of how many deliveries. Flushes, does not commit."""
    now = utcnow()
    owner = session.scalar(select(User).where(User.id.in_(queries.effective_roots(now))).order_by(User.id).limit(1))
    if owner is None:
        return 0
    made = {story.name: _made(session, story, owner.name, now) for story in HOOKS}
    session.flush()
    told = list(sent(now))
    for each in told:
        _sent(session, realm_id, made[each.hook.name], each)
    session.flush()
    return len(told)


def _made(session: Session, story: StoryHook, owner: str, now: datetime) -> Hook:
    target = {"type": "webhook", "url": f"{HOST}{story.path}"}
    draft = HookDraft(story.name, {"on": list(story.on)}, target, story.description, owner, enabled=not story.disabled)
    found, _secret = create(session, draft, CLI, by_root=True)
    found.created_at = now - AGE
    if story.disabled:
        found.disabled_why, found.disabled_at = story.disabled, now - timedelta(hours=3)
    return found


def _sent(session: Session, realm_id: int, found: Hook, told: Sent) -> None:
    end = told.at + timedelta(seconds=told.answers[-1][0])
    delivery = Delivery(
        realm_id=realm_id, hook=found, type=told.verb, kind=told.verb.partition(".")[0], label=told.label,
        state=State.SUCCEEDED if told.is_good else State.FAILED, reason=None if told.is_good else "gone",
        attempts=len(told.answers), tried=len(told.answers), status=told.answers[-1][1], created_at=told.at,
        next_attempt_at=told.at, finished_at=end, request_head=f"POST {found.place}\nContent-Type: application/json",
    )  # fmt: skip
    session.add(delivery)
    session.flush()
    for number, (after, status, error) in enumerate(told.answers, 1):
        at = told.at + timedelta(seconds=after)
        session.add(Attempt(
            realm_id=realm_id, delivery_id=delivery.id, number=number, at=at, duration_ms=31 if status else 15_000,
            status=status, error=error or None, response_head="Server: nginx" if status else None,
        ))  # fmt: skip
    if told.is_good:
        found.last_success_at = end
    else:
        found.last_failure_at = end
