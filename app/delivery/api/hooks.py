"""Hooks for programs; the same actions as the pages."""

from typing import Any
from uuid import UUID

import msgspec
from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.changes.actor import current_actor
from app.db import db
from app.delivery import fields
from app.delivery.actions import deliveries, switching
from app.delivery.actions import hooks as acts
from app.delivery.drafts import HookDraft
from app.delivery.models import Hook, State
from app.delivery.queries import hooks as queries
from app.delivery.testing import sent_now
from app.web.answers import items, shown
from app.web.blueprints import api_blueprint
from app.web.body import decoded
from app.web.export import plain
from app.web.guard import needs
from app.web.keyset import keyset
from app.web.listing import Listing
from app.web.shell import may

bp = api_blueprint("api_hooks", __name__, "/api/v1/delivery/hooks")


class HookBody(msgspec.Struct, forbid_unknown_fields=True):
    """A hook as a program describes it."""

    name: str
    trigger: Any
    hook: Any
    description: str = ""
    owner: str = ""
    project_ids: list[str] = []
    timeout: int = 3_600
    max_attempts: int = 10
    concurrency: int = 4
    request_timeout_s: int = 15
    ordered: bool = False
    enabled: bool = True

    def draft(self) -> HookDraft:
        """Return it as the action takes it."""
        return HookDraft(**msgspec.structs.asdict(self))


class Rotation(msgspec.Struct):
    """How long the old secret signs too, in hours."""

    grace_hours: int = 24


class Activation(msgspec.Struct):
    """Whether what was paused is sent."""

    backlog: bool = True


class Test(msgspec.Struct):
    """Which change is sent as a test; none is a ping."""

    seq: int | None = None


class Replay(msgspec.Struct):
    """Which deliveries are sent once more."""

    state: State | list[State] = State.FAILED
    from_seq: int | None = None
    to_seq: int | None = None
    dry_run: bool = False


@bp.get("")
@needs("delivery.write", "report")
def index() -> ResponseReturnValue:
    """Answer one page of hooks; ``q`` looks for words in names, ``enabled`` is 1 or 0."""
    listing = Listing.from_args(request.args, sorts=("-created_at", "created_at", "name"), filters=("enabled",))
    enabled = {"1": True, "0": False}.get(listing.get("enabled"))
    rest = queries.narrower(listing.q)
    return items(keyset(queries.hooks(enabled=enabled), listing, queries.SORTS, rest=rest), fields.HOOK)


@bp.post("")
@needs("delivery.write")
def create() -> ResponseReturnValue:
    """Make a hook: 201 with its secret, which is shown only now; 422 with all that is wrong."""
    hook, secret = acts.create(db.session(), decoded(HookBody).draft(), current_actor(), by_root=may("root"))
    db.session.commit()
    return _with_secret(hook, secret, 201)


@bp.get("/<uuid:hook_id>")
@needs("delivery.write", "report")
def show(hook_id: UUID) -> ResponseReturnValue:
    """Answer one hook, without its secrets."""
    return shown(_hook(hook_id), fields.HOOK)


@bp.put("/<uuid:hook_id>")
@needs("delivery.write")
def change(hook_id: UUID) -> ResponseReturnValue:
    """Change a hook; a credential that is not given stays as it is."""
    hook = _hook(hook_id)
    acts.change(db.session(), hook, decoded(HookBody).draft(), current_actor(), by_root=may("root"))
    db.session.commit()
    return shown(hook, fields.HOOK)


@bp.delete("/<uuid:hook_id>")
@needs("delivery.write")
def remove(hook_id: UUID) -> ResponseReturnValue:
    """Take a hook away with its deliveries: 204."""
    acts.remove(db.session(), _hook(hook_id), current_actor())
    db.session.commit()
    return Response(status=204)


@bp.post("/<uuid:hook_id>/rotation")
@needs("delivery.write")
def rotate(hook_id: UUID) -> ResponseReturnValue:
    """Give a hook a new secret, shown only now; the old one signs too for ``grace_hours``."""
    hook = _hook(hook_id)
    secret = acts.rotate(db.session(), hook, current_actor(), grace_hours=decoded(Rotation).grace_hours)
    db.session.commit()
    return _with_secret(hook, secret, 200)


@bp.post("/<uuid:hook_id>/activation")
@needs("delivery.write")
def activate(hook_id: UUID) -> ResponseReturnValue:
    """Enable a hook; what was paused is sent, or cancelled with ``"backlog": false``."""
    hook, moved = _hook(hook_id), 0
    if not hook.enabled:
        moved = switching.enable(db.session(), hook, current_actor(), backlog=decoded(Activation).backlog)
    db.session.commit()
    return jsonify({"enabled": True, "deliveries": moved})


@bp.post("/<uuid:hook_id>/deactivation")
@needs("delivery.write")
def deactivate(hook_id: UUID) -> ResponseReturnValue:
    """Disable a hook; what is pending is paused."""
    hook, moved = _hook(hook_id), 0
    if hook.enabled:
        moved = switching.disable(db.session(), hook, "by_hand", current_actor())
    db.session.commit()
    return jsonify({"enabled": False, "deliveries": moved})


@bp.post("/<uuid:hook_id>/test")
@needs("delivery.write")
def test(hook_id: UUID) -> ResponseReturnValue:
    """Send a ping, or a past change, now, and answer how it went; works while the hook is disabled."""
    made = deliveries.test(db.session(), _hook(hook_id), decoded(Test).seq, current_actor())
    tried = sent_now(db.session(), made)
    state = {"delivery": str(made.id), "state": tried.delivery.state, "reason": tried.delivery.reason}
    attempt = tried.attempt
    told = {"status": attempt.status, "error": attempt.error, "duration_ms": attempt.duration_ms} if attempt else {}
    return jsonify(state | told)


@bp.post("/<uuid:hook_id>/replay")
@needs("delivery.write")
def replay(hook_id: UUID) -> ResponseReturnValue:
    """Send a hook's deliveries of a range once more; ``dry_run`` only counts them."""
    hook, body = _hook(hook_id), decoded(Replay)
    states = body.state if isinstance(body.state, list) else [body.state]
    count = deliveries.replay_range(
        db.session(), hook, current_actor(), states=states, low=body.from_seq, high=body.to_seq, dry_run=body.dry_run
    )
    db.session.commit()
    return jsonify({"count": count, "dry_run": body.dry_run})


def _hook(hook_id: UUID) -> Hook:
    found: Hook | None = db.session.scalar(queries.hook(hook_id))
    if found is None:
        raise NotFound
    return found


def _with_secret(hook: Hook, secret: str, status: int) -> ResponseReturnValue:
    told = {name: plain(make(hook)) for name, make in fields.HOOK.items()}
    return jsonify({**told, "secret": secret}), status
