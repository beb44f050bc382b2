"""Bearer keys of a realm: one's own, and everybody's for holders of auth."""

import json
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from uuid_utils.compat import uuid7
from werkzeug.exceptions import NotFound

from app.accounts import queries
from app.accounts.actions import keys as acts
from app.accounts.forms import KeyForm, RotationForm
from app.accounts.models import ApiKey, Role
from app.accounts.views.profile import me
from app.changes.actor import current_actor
from app.db import db, utcnow
from app.refusal import Refused
from app.web.blueprints import realm_blueprint
from app.web.capabilities import capabilities, satisfies
from app.web.forms import choices
from app.web.found import Found
from app.web.guard import member
from app.web.listing import Listing
from app.web.page import page
from app.web.shell import may

bp = realm_blueprint("keys", __name__, "/accounts/keys")


def masked(key: ApiKey) -> str:
    """Return what may be shown of a key: its first 11 characters and seven asterisks."""
    return key.prefix + "*" * 7


SORTS = {"created": ApiKey.created_at}
FIELDS = {
    "id": lambda key: key.id,
    "key": masked,
    "note": lambda key: key.note,
    "user": lambda key: key.user.name,
    "scopes": lambda key: key.scopes,
    "state": lambda key: key.state(utcnow()),
    "created_at": lambda key: key.created_at,
    "expires_at": lambda key: key.expires_at,
    "last_used_at": lambda key: key.last_used_at,
    "last_used_from": lambda key: key.last_used_from,
}


@bp.get("")
@member
def index() -> ResponseReturnValue:
    """List keys; ``?q=`` searches notes, ``?state=`` live, expired or revoked, ``?whose=all`` everybody's (auth)."""
    listing = Listing.from_args(request.args, sorts=("-created",), filters=("state", "whose"))
    everybody = listing.get("whose") == "all" and may("auth")
    states = [listing.get("state")] if listing.get("state") else []
    mine = None if everybody else me().id
    select = queries.keys(user_id=mine, text=listing.q, states=states, now=utcnow())
    found = Found(listing, select, SORTS, FIELDS, "keys")
    return found.answer("accounts/keys/index.html", everybody=everybody, now=utcnow(), masked=masked, own=me().id)


@bp.get("/new")
@member
def new() -> ResponseReturnValue:
    """Show the form for a new key; it offers what the person holds."""
    form, here = _form(), db.session.scalar(queries.member(me().id))
    if here is not None and here.role is Role.PROVIDER:
        form.scopes.data = ["jobs.write"]
    return page("accounts/keys/form.html", form=form)


@bp.post("")
@member
def create() -> ResponseReturnValue:
    """Issue a key and show it once: 201, or 422 with the form and what is wrong."""
    form = _form()
    if form.validate():
        life = form.lifetime
        draft = acts.KeyDraft(form.note.data or "", tuple(form.scopes.data or ()), utcnow() + life if life else None)
        try:
            key, text = acts.issue_key(db.session(), draft, user=me(), held=_held(), actor=current_actor())
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            return _shown(key, text)
    return page("accounts/keys/form.html", 422, form=form)


@bp.get("/<uuid:key_id>/rotation")
@member
def renew(key_id: UUID) -> ResponseReturnValue:
    """Offer a new key in place of an own one, or its end; 404 for another's."""
    return _renewal(key_id, RotationForm(), 200)


@bp.post("/<uuid:key_id>/rotation")
@member
def rotate(key_id: UUID) -> ResponseReturnValue:
    """Issue a key that takes over from an own one and show it once: 201; 422 with the form, 409 when it is over."""
    form = RotationForm(request.form)
    if not form.validate():
        return _renewal(key_id, form, 422)
    try:
        key, text = acts.rotate_key(
            db.session(), key_id, days=int(form.days.data), user=me(), held=_held(), actor=current_actor()
        )
    except Refused as refusal:
        if refusal.status != 422:  # noqa: PLR2004 - what is wrong with the form
            raise
        db.session.rollback()
        form.refuse(refusal)
        return _renewal(key_id, form, 422)
    db.session.commit()
    return _shown(key, text)


@bp.post("/<uuid:key_id>/expiration")
@member
def expire(key_id: UUID) -> ResponseReturnValue:
    """Let an own key expire now: 303; 404 for another's, 409 when it is over."""
    key = acts.expire_key(db.session(), key_id, user=me(), actor=current_actor())
    db.session.commit()
    flash(f"The key “{key.note}” expired just now.")
    return redirect(url_for(".index"), 303)


@bp.post("/<uuid:key_id>/revocation")
@member
def revoke(key_id: UUID) -> ResponseReturnValue:
    """Take a key back: 303; others' keys need auth and are 404 without it, 409 when it is over."""
    others = may("auth")
    key = acts.revoke_key(db.session(), key_id, user=None if others else me(), actor=current_actor())
    db.session.commit()
    flash(f"The key “{key.note}” was revoked.")
    own = key.user_id == me().id
    return redirect(url_for(".index") if own else url_for(".index", whose="all"), 303)


def _renewal(key_id: UUID, form: RotationForm, status: int) -> ResponseReturnValue:
    key = db.session.scalar(queries.keys(user_id=me().id, now=utcnow()).where(ApiKey.id == key_id))
    if key is None:
        raise NotFound
    return page("accounts/keys/rotation.html", status, key=key, form=form, masked=masked, word=key.state(utcnow()))


def _held() -> frozenset[str]:
    return frozenset(name for name in capabilities() if may(name))


def _form() -> KeyForm:
    form = KeyForm(request.form)
    held = _held()
    offered = [cap for cap in capabilities().values() if cap.name in held]
    form.scopes.choices = choices((cap.name, f"{cap.name}: {cap.description}") for cap in offered)
    return form


def _shown(key: ApiKey, text: str) -> ResponseReturnValue:
    base = request.url_root.rstrip("/")
    sends, tracks = (any(satisfies(scope, cap) for scope in key.scopes) for cap in ("lineage.write", "jobs.write"))
    response = page(
        "accounts/keys/issued.html",
        201,
        key=key,
        text=text,
        curl=_curl(base, text) if sends else "",
        environment=f"export OPENLINEAGE_URL={base}\nexport OPENLINEAGE_API_KEY={text}" if sends else "",
        tracking=f"export HEADWATER_TRACK_URL={base}\nexport HEADWATER_TRACK_KEY={text}" if tracks else "",
        tracker=f"{base}/api/tracker" if tracks else "",
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _curl(base: str, text: str) -> str:
    """Return a line that sends one finished run, ready for a shell."""
    event = {
        "eventType": "COMPLETE",
        "eventTime": utcnow().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "run": {"runId": str(uuid7())},
        "job": {"namespace": "hello", "name": "first_job"},
        "outputs": [{"namespace": "hello", "name": "first_dataset"}],
        "producer": f"{base}/hello",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    }
    return f"curl -fsS {base}/api/v1/lineage -H 'Authorization: Bearer {text}' \\\n  -d '{json.dumps(event)}'"
