"""What is done to a slice: switched on and off, made the default, purged."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.changes.actor import current_actor
from app.db import db
from app.realms.actions.purging import purge
from app.realms.actions.slices import activate, deactivate, make_default
from app.realms.forms.grants import in_utc
from app.realms.forms.slices import PurgeForm, ScheduleForm
from app.realms.models import RealmSlice
from app.realms.views.slices import found_slice, slice_page
from app.refusal import Refused
from app.web.blueprints import realm_blueprint
from app.web.guard import needs

bp: Blueprint = realm_blueprint("switching", __name__, "/realms/slices")
Switch = Callable[[datetime | None], RealmSlice]


@bp.post("/<int:slice_id>/activation")
@needs("root")
def switch_on(slice_id: int) -> ResponseReturnValue:
    """Switch it on, or off until the form's time: 303 to its page, 422 with what is wrong."""
    return _switched(
        slice_id, lambda at: activate(db.session(), slice_id, at, actor=current_actor()), "is on", "goes on"
    )


@bp.post("/<int:slice_id>/deactivation")
@needs("root")
def switch_off(slice_id: int) -> ResponseReturnValue:
    """Switch it off, or at the form's time: 303 to its page, 422 with what is wrong."""
    return _switched(
        slice_id, lambda at: deactivate(db.session(), slice_id, at, actor=current_actor()), "is off", "goes off"
    )


@bp.post("/<int:slice_id>/default")
@needs("root")
def choose(slice_id: int) -> ResponseReturnValue:
    """Let programs that name no slice use it: 303 to its page; 409 while it is off."""
    row = make_default(db.session(), slice_id, actor=current_actor())
    db.session.commit()
    flash(f"Programs that name no slice use slice {row.id} from now on.")
    return redirect(url_for("slices.show", slice_id=row.id), 303)


@bp.post("/<int:slice_id>/purge")
@needs("root")
def remove(slice_id: int) -> ResponseReturnValue:
    """Delete it with all that is in it: 303 to the list; 409 while it is used, 422 unless its name was typed."""
    found_slice(slice_id)
    form = PurgeForm(request.form)
    try:
        counts = purge(db.session(), slice_id, form.confirm.data or "", actor=current_actor())
    except Refused as refusal:
        db.session.rollback()
        form.validate()
        form.refuse(refusal)
        return slice_page(slice_id, refusal.status, purging=form)
    db.session.commit()
    gone = ", ".join(f"{number:,} × {name}" for name, number in counts.items() if number)
    flash(f"Slice {slice_id} was purged" + (f", with {gone}." if gone else "; it was empty."))
    return redirect(url_for("slices.index"), 303)


def _switched(slice_id: int, switch: Switch, now: str, later: str) -> ResponseReturnValue:
    found_slice(slice_id)
    form = ScheduleForm(request.form)
    if form.validate():
        at = in_utc(form.at.data)
        try:
            switch(at)
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(f"Slice {slice_id} {later} at {at:%Y-%m-%d %H:%M} UTC." if at else f"Slice {slice_id} {now}.")
            return redirect(url_for("slices.show", slice_id=slice_id), 303)
    return slice_page(slice_id, 422, switch=form)
