"""Who holds what in the realm, and from when to when."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.changes.actor import current_actor
from app.db import db, utcnow
from app.realms import queries
from app.realms.actions import GrantDraft, grant, revoke_grant
from app.realms.forms import GrantForm, in_utc
from app.realms.models import App, CapGrant
from app.refusal import Refused
from app.web.blueprints import realm_blueprint
from app.web.capabilities import capabilities
from app.web.forms import choices
from app.web.found import Found
from app.web.guard import needs
from app.web.listing import Listing
from app.web.page import page
from app.web.shell import may

bp = realm_blueprint("grants", __name__, "/realms/grants")

STATES = (("running", "Running"), ("expiring", "Expiring in 7 days"), ("coming", "To come"), ("expired", "Expired"))
SORTS = {"granted": CapGrant.setat}
FIELDS = {
    "id": lambda row: row[0].id,
    "user": lambda row: row[1],
    "cap": lambda row: row[0].cap,
    "app": lambda row: row[2],
    "from": lambda row: row[0].from_,
    "to": lambda row: row[0].to,
    "state": lambda row: state_of(row[0]),
    "setat": lambda row: row[0].setat,
    "setby": lambda row: row[0].setby,
}


def state_of(row: CapGrant) -> str:
    """Return running, coming or expired."""
    now = utcnow()
    if row.to is not None and row.to <= now:
        return "expired"
    return "coming" if row.from_ is not None and row.from_ > now else "running"


@bp.get("")
@needs("auth", "report")
def index() -> ResponseReturnValue:
    """List grants; ``?user=``, ``?cap=``, ``?app=`` and ``?state=`` running, coming, expired or expiring narrow."""
    listing = Listing.from_args(request.args, sorts=("-granted",), filters=("user", "cap", "app", "state"))
    select_ = queries.grants(
        user=listing.get("user") or listing.q,
        cap=listing.get("cap"),
        app=listing.get("app"),
        state=listing.get("state"),
        now=utcnow(),
    )
    found = Found(listing, select_, SORTS, FIELDS, "grants", key=CapGrant.id)
    caps = [(name, name) for name in capabilities()]
    return found.answer("realms/grants/index.html", caps=caps, states=STATES, state_of=state_of)


@bp.get("/new")
@needs("auth")
def new() -> ResponseReturnValue:
    """Show the form for a grant; ``?user=`` fills the account in."""
    return page("realms/grants/form.html", form=_form(user=request.args.get("user", "")))


@bp.post("")
@needs("auth")
def create() -> ResponseReturnValue:
    """Grant: 303 to the account's grants, or 422 with the form and what is wrong."""
    form = _form()
    if form.validate():
        draft = GrantDraft(
            user=form.user.data or "",
            caps=tuple(form.caps.data or ()),
            apps=tuple(form.apps.data or ()),
            from_=in_utc(form.from_.data),
            to=in_utc(form.to.data),
        )
        try:
            done = grant(db.session(), draft, actor=current_actor(), by_root=may("root"))
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(_words(draft.user, [row.cap for row in done.granted], [cap for _app, cap in done.skipped]))
            return redirect(url_for(".index", user=draft.user.lower()), 303)
    return page("realms/grants/form.html", 422, form=form)


@bp.post("/<int:grant_id>/deletion")
@needs("auth")
def destroy(grant_id: int) -> ResponseReturnValue:
    """Take a grant back: 303; 404 for one that is not here, 403 and 409 as `revoke_grant` says."""
    gone = revoke_grant(db.session(), grant_id, actor=current_actor(), by_root=may("root"))
    db.session.commit()
    flash(f"{gone['user']} no longer holds {gone['cap']}" + (f" on {gone['app']}." if gone["app"] else "."))
    return redirect(url_for(".index"), 303)


def _words(user: str, granted: list[str], skipped: list[str]) -> str:
    told = [f"{user.lower()} now holds {', '.join(granted)}."] if granted else []
    told += [f"Held already: {', '.join(skipped)}."] if skipped else []
    return " ".join(told)


def _form(**given: str) -> GrantForm:
    form = GrantForm(request.form, data=given)
    offered = [cap for cap in capabilities().values() if cap.name != "root" or may("root")]
    form.caps.choices = choices((cap.name, f"{cap.name}: {cap.description}") for cap in offered)
    apps = db.session.scalars(select(App).order_by(App.shortnamelc)).all()
    form.apps.choices = choices((app.shortnamelc, app.shortname) for app in apps)
    return form
