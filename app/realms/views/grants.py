"""Who holds what in the realm, and from when to when."""

from datetime import timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.changes.actor import current_actor
from app.db import db, utcnow
from app.realms import effect, listed, queries
from app.realms.actions import GrantDraft, GrantPlan, grant, plan_grant
from app.realms.bundles import expand
from app.realms.fields import STATES, state_of, window
from app.realms.forms import GrantForm, in_utc
from app.realms.models import App, CapGrant
from app.refusal import Refused
from app.web.blueprints import realm_blueprint
from app.web.capabilities import capabilities
from app.web.forms import choices
from app.web.guard import needs
from app.web.page import page
from app.web.shell import may

bp = realm_blueprint("grants", __name__, "/realms/grants")
SOON = timedelta(days=7)
ON_TOP = 10


@bp.get("")
@needs("auth", "report")
def index() -> ResponseReturnValue:
    """List grants; ``?user=``, ``?cap=``, ``?app=`` and ``?state=`` running, coming, expired or expiring narrow."""
    found = listed.grants()
    plain = not found.listing.is_narrowed and found.listing.cursor is None
    return found.answer(
        "realms/grants/index.html",
        caps=[(name, name) for name in capabilities()],
        apps=[(app.shortnamelc, app.shortname) for app in _apps()],
        states=STATES,
        state_of=state_of,
        window=window,
        expiring=_expiring() if plain and not found.listing.format else [],
    )


@bp.get("/new")
@needs("auth")
def new() -> ResponseReturnValue:
    """Show the form for a grant; the URL may fill in any of its fields, as ``?user=ada&caps=report``."""
    return page("realms/grants/form.html", form=_form(request.args))


@bp.post("/preview")
@needs("auth")
def preview() -> ResponseReturnValue:
    """Show what a grant would do, and change nothing; 422 with the form and what is wrong."""
    form = _form(request.form)
    draft = _draft(form)
    if draft is not None:
        try:
            plan = plan_grant(db.session(), draft, by_root=may("root"))
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return page("realms/grants/preview.html", **_planned(plan, draft), back=_again(form))
    return page("realms/grants/form.html", 422, form=form)


@bp.post("")
@needs("auth")
def create() -> ResponseReturnValue:
    """Grant: 303 to the account's grants, or 422 with the form and what is wrong."""
    form = _form(request.form)
    draft = _draft(form)
    if draft is not None:
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


def _expiring() -> list[Any]:
    select_ = queries.grants(state="expiring", now=utcnow(), soon=SOON)
    return list(db.session.execute(select_.order_by(CapGrant.to, CapGrant.id).limit(ON_TOP)))


def _planned(plan: GrantPlan, draft: GrantDraft) -> dict[str, Any]:
    return {
        "plan": plan,
        "draft": draft,
        "window": window(draft.from_, draft.to),
        "was": window,
        "effect": effect.of_grant(db.session(), plan, draft) if plan.give else None,
    }


def _words(user: str, granted: list[str], skipped: list[str]) -> str:
    told = [f"{user.lower()} now holds {', '.join(dict.fromkeys(granted))}."] if granted else []
    told += [f"Held already: {', '.join(dict.fromkeys(skipped))}."] if skipped else []
    return " ".join(told)


def _draft(form: GrantForm) -> GrantDraft | None:
    if not form.validate():
        return None
    apps = tuple(form.apps.data or ())
    caps = dict.fromkeys([*(form.caps.data or ()), *expand(form.bundles.data or (), with_apps=bool(apps))])
    return GrantDraft(
        user=form.user.data or "",
        caps=tuple(caps),
        apps=apps,
        from_=in_utc(form.from_.data),
        to=in_utc(form.to.data),
        replace=bool(form.replace.data),
    )


def _again(form: GrantForm) -> str:
    """Return the address of the form as it was filled in."""
    known = {field.name for field in form}
    given: dict[str, Any] = {name: [text for text in texts if text] for name, texts in request.form.lists()}
    return url_for(".new", **{name: texts for name, texts in given.items() if name in known})


def _apps() -> list[App]:
    return list(db.session.scalars(select(App).order_by(App.shortnamelc)))


def _form(given: MultiDict[str, str]) -> GrantForm:
    form = GrantForm(given)
    offered = [cap for cap in capabilities().values() if cap.name != "root" or may("root")]
    form.caps.choices = choices((cap.name, f"{cap.name}: {cap.description}") for cap in offered)
    form.apps.choices = choices((app.shortnamelc, app.shortname) for app in _apps())
    return form
