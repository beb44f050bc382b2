"""Hooks: a list, the page of one, and the form."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.changes.actor import current_actor
from app.db import db
from app.delivery import fields
from app.delivery.actions import hooks as acts
from app.delivery.actions import switching
from app.delivery.forms import HookForm
from app.delivery.models import Hook
from app.delivery.queries import deliveries as delivery_queries
from app.delivery.queries import hooks as queries
from app.delivery.reads.health import rates
from app.delivery.reads.matching import lately
from app.refusal import Refused
from app.web.blueprints import realm_blueprint
from app.web.export import export
from app.web.guard import needs
from app.web.identity import identity
from app.web.keyset import keyset
from app.web.kinds import kinds, label_of, url_of
from app.web.listing import Listing
from app.web.page import page
from app.web.shell import may
from app.web.whole import whole

bp = realm_blueprint("hooks", __name__, "/delivery/hooks")
RECENT = 10


@bp.get("")
@needs("delivery.write", "report")
def index() -> ResponseReturnValue:
    """List hooks; ``?q=`` looks for words in names, ``?enabled=`` is 1 or 0."""
    listing = Listing.from_args(request.args, sorts=("-created_at", "created_at", "name"), filters=("enabled",))
    query = queries.hooks(enabled={"1": True, "0": False}.get(listing.get("enabled")))
    rest = queries.narrower(listing.q)
    if listing.format:
        return export(listing, query, queries.SORTS, fields.HOOK, name="hooks", rest=rest)
    rows = keyset(query, listing, queries.SORTS, rest=rest)
    good = rates(db.session(), [hook.id for hook in rows])
    return page("delivery/hooks/index.html", listing=listing, rows=rows, rates=good)


@bp.get("/new")
@needs("delivery.write")
def new() -> ResponseReturnValue:
    """Show the form of a new hook; ``?on=`` fills in a verb."""
    form = HookForm(on=request.args.get("on", "")[:200])
    return _form(form, None)


@bp.post("")
@needs("delivery.write")
def create() -> ResponseReturnValue:
    """Make a hook and show its secret once: 201; 422 with the form and all that is wrong."""
    form = HookForm(request.form)
    if form.validate():
        try:
            hook, secret = acts.create(db.session(), form.draft(), current_actor(), by_root=may("root"))
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            return page("delivery/hooks/secret.html", 201, hook=hook, secret=secret, until=None)
    return _form(form, None, 422)


@bp.get("/<uuid:hook_id>")
@needs("delivery.write", "report")
def show(hook_id: UUID) -> ResponseReturnValue:
    """Show one hook: where it sends, how it does, what it sent, and what it would send."""
    hook = _hook(hook_id)
    session = db.session()
    newest = delivery_queries.deliveries(delivery_queries.Wanted(hook_id=hook.id))
    order = newest.order_by(*delivery_queries.NEWEST).limit(RECENT)
    return page(
        "delivery/hooks/show.html",
        hook=hook,
        rate=rates(session, [hook.id]).get(hook.id, (0, 0)),
        deliveries=session.scalars(order).all(),
        lately=lately(session, hook.trigger),
        why=switching.WHY,
        label_of=label_of,
        url_of=url_of,
    )


@bp.get("/<uuid:hook_id>/edit")
@needs("delivery.write")
def edit(hook_id: UUID) -> ResponseReturnValue:
    """Show the form of a hook; its credential stays hidden."""
    hook = _hook(hook_id)
    form = HookForm()
    form.fill(hook)
    return _form(form, hook)


@bp.post("/<uuid:hook_id>")
@needs("delivery.write")
def update(hook_id: UUID) -> ResponseReturnValue:
    """Change a hook: 303; 422 with the form and all that is wrong."""
    hook, form = _hook(hook_id), HookForm(request.form)
    if form.validate():
        try:
            changed = acts.change(db.session(), hook, form.draft(), current_actor(), by_root=may("root"))
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(f"The hook “{hook.name}” was changed." if changed else "Nothing changed.")
            return redirect(url_for(".show", hook_id=hook_id), 303)
    return _form(form, _hook(hook_id), 422)


@bp.post("/<uuid:hook_id>/rotation")
@needs("delivery.write")
def rotate(hook_id: UUID) -> ResponseReturnValue:
    """Give a hook a new secret and show it once: 201."""
    hook, hours = _hook(hook_id), whole(request.form.get("grace_hours", "24"), 10_000)
    secret = acts.rotate(db.session(), hook, current_actor(), grace_hours=-1 if hours is None else hours)
    db.session.commit()
    return page("delivery/hooks/secret.html", 201, hook=hook, secret=secret, until=hook.previous_until)


@bp.post("/<uuid:hook_id>/activation")
@needs("delivery.write")
def activate(hook_id: UUID) -> ResponseReturnValue:
    """Enable a hook and send what was paused, or give it up with ``backlog=0``: 303."""
    hook, backlog = _hook(hook_id), request.form.get("backlog", "1") == "1"
    if not hook.enabled:
        moved = switching.enable(db.session(), hook, current_actor(), backlog=backlog)
        db.session.commit()
        flash(f"The hook “{hook.name}” is enabled; {moved:,} deliveries {'are sent' if backlog else 'were given up'}.")
    return redirect(url_for(".show", hook_id=hook_id), 303)


@bp.post("/<uuid:hook_id>/deactivation")
@needs("delivery.write")
def deactivate(hook_id: UUID) -> ResponseReturnValue:
    """Disable a hook; what is pending waits: 303."""
    hook = _hook(hook_id)
    if hook.enabled:
        paused = switching.disable(db.session(), hook, "by_hand", current_actor())
        db.session.commit()
        flash(f"The hook “{hook.name}” is disabled; {paused:,} deliveries wait.")
    return redirect(url_for(".show", hook_id=hook_id), 303)


@bp.post("/<uuid:hook_id>/deletion")
@needs("delivery.write")
def delete(hook_id: UUID) -> ResponseReturnValue:
    """Take a hook away with its deliveries: 303."""
    hook = _hook(hook_id)
    acts.remove(db.session(), hook, current_actor())
    db.session.commit()
    flash(f"The hook “{hook.name}” and its deliveries were deleted.")
    return redirect(url_for(".index"), 303)


def _hook(hook_id: UUID) -> Hook:
    found: Hook | None = db.session.scalar(queries.hook(hook_id))
    if found is None:
        raise NotFound
    return found


def _form(form: HookForm, hook: Hook | None, status: int = 200) -> ResponseReturnValue:
    who = identity()
    if not form.owner.data and who is not None:
        form.owner.data = who.name
    known: dict[str, Any] = {"kinds": [kind.kind for kind in kinds()], "may_give": may("root")}
    return page("delivery/hooks/form.html", status, form=form, hook=hook, **known)
