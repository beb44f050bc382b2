"""What programs and Headwater itself read, of the whole realm and of each slice; each value with its history."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from app.changes.actor import current_actor
from app.db import db
from app.realms.actions.config import ConfigDraft, set_again, set_config
from app.realms.forms.config import NewValueForm, ValueForm
from app.realms.known import known, known_keys
from app.realms.models import Config, RealmSlice
from app.realms.queries import config as queries
from app.realms.reads.config import default_of, history_of
from app.refusal import Refused
from app.web.blueprints import realm_blueprint
from app.web.forms import choices
from app.web.found import Found
from app.web.guard import needs
from app.web.listing import Listing
from app.web.page import page
from app.web.shell import may
from app.web.whole import whole

bp = realm_blueprint("config", __name__, "/realms/config")

REALM = "realm"
LARGEST_ID = 2**63 - 1
MOST = 200
FIELDS = {
    "slice": lambda row: row.slice_id,
    "name": lambda row: row.name,
    "val": lambda row: row.val,
    "ver": lambda row: row.ver,
    "setby": lambda row: row.setby,
    "setat": lambda row: row.setat,
    "descr": lambda row: row.descr,
}


def place(text: str) -> int | None:
    """Return the slice a URL names, None for the whole realm; raises NotFound for a slice that is not here."""
    if text in ("", REALM):
        return None
    number = whole(text, LARGEST_ID)
    if not number or db.session.scalar(select(RealmSlice.id).where(RealmSlice.id == number)) is None:
        raise NotFound
    return number


def found() -> Found:
    """Return the settings the URL asks for: of one slice with ``?slice=``, else of the whole realm."""
    listing = Listing.from_args(request.args, sorts=("name",), filters=("slice",))
    chosen, rest = queries.settings(place(listing.get("slice"))), queries.narrower(listing.q)
    return Found(listing, chosen, queries.SORTS, FIELDS, "config", key=Config.id, rest=rest)


@bp.get("")
@needs("config", "report")
def index() -> ResponseReturnValue:
    """List the settings of the whole realm, or of one slice with ``?slice=``."""
    asked = found()
    slice_id = place(asked.listing.get("slice"))
    keys = known_keys(realm_wide=slice_id is None)
    set_ = set(db.session.scalars(queries.settings(slice_id).with_only_columns(Config.name)))
    return asked.answer(
        "realms/config/index.html",
        slice_id=slice_id,
        place=slice_id or REALM,
        slices=_slices(),
        unset=[(key, default_of(key)) for key in keys if key.name not in set_],
        default=_default,
    )


@bp.get("/new")
@needs("config")
def new() -> ResponseReturnValue:
    """Show the form for a setting of a name that has none yet; ``?slice=`` chooses where."""
    form = _new_form()
    form.slice.data, form.none.data = request.args.get("slice", REALM), True
    return page("realms/config/form.html", form=form)


@bp.post("")
@needs("config")
def create() -> ResponseReturnValue:
    """Set a key named in the form: 303 to its page, 422 with the form."""
    form, status = _new_form(), 422
    if form.validate():
        slice_id = place(form.slice.data or "")
        draft = ConfigDraft(slice_id, form.name.data or "", form.value, descr=form.descr.data or "")
        try:
            row, _is_new = set_config(db.session(), draft, actor=current_actor())
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
            status = refusal.status
        else:
            return _done(row)
    return page("realms/config/form.html", status, form=form)


@bp.get("/<int:config_id>")
@needs("config", "report")
def by_id(config_id: int) -> ResponseReturnValue:
    """Go to the page of the setting the change log knows by this number: 303."""
    row = db.session.scalar(queries.setting_by_id(config_id))
    if row is None:
        raise NotFound
    return redirect(_url(row), 303)


@bp.get("/<slice_>/<name>")
@needs("config", "report")
def show(slice_: str, name: str) -> ResponseReturnValue:
    """Show one setting and what it was; also one Headwater reads that has no value here."""
    slice_id = place(slice_)
    row = db.session.scalar(queries.setting(slice_id, name))
    form = ValueForm(data=_given(row, name))
    return _page(slice_id, name.upper(), row, form)


@bp.post("/<slice_>/<name>")
@needs("config")
def change(slice_: str, name: str) -> ResponseReturnValue:
    """Set it: 303 to its page, or the page with what is wrong (422; 409 when it was set meanwhile)."""
    slice_id = place(slice_)
    row = db.session.scalar(queries.setting(slice_id, name))
    form, status = ValueForm(request.form), 422
    if form.validate():
        draft = ConfigDraft(slice_id, name, form.value, descr=form.descr.data or "", ver=form.ver.data)
        try:
            row, _is_new = set_config(db.session(), draft, actor=current_actor())
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
            status = refusal.status
        else:
            return _done(row)
    return _page(slice_id, name.upper(), row, form, status)


@bp.post("/<slice_>/<name>/again")
@needs("config")
def again(slice_: str, name: str) -> ResponseReturnValue:
    """Set it to what the change of the form's ``change`` had set it to: 303; 409 when it was set meanwhile."""
    row = db.session.scalar(queries.setting(place(slice_), name))
    number = whole(request.form.get("change", ""), LARGEST_ID)
    if row is None or number is None:
        raise NotFound
    ver = whole(request.form.get("ver", ""), LARGEST_ID)
    return _done(set_again(db.session(), row, number, ver=ver, actor=current_actor()))


def _done(row: Config) -> ResponseReturnValue:
    db.session.commit()
    flash(f"{row.name} is set; this is version {row.ver}.")
    return redirect(_url(row), 303)


def _url(row: Config) -> str:
    return url_for("config.show", slice_=row.slice_id or REALM, name=row.name)


def _given(row: Config | None, name: str) -> dict[str, object]:
    key = known(name.upper())
    if row is None:
        return {"val": "", "none": True, "descr": key.descr if key else "", "ver": None}
    return {"val": row.val or "", "none": row.val != "", "descr": row.descr, "ver": row.ver}


def _default(name: str) -> str | None:
    key = known(name)
    return default_of(key) if key else None


def _slices() -> list[tuple[str, str]]:
    return [(str(number), f"Slice {number}") for number in db.session.scalars(queries.slice_ids(MOST))]


def _new_form() -> NewValueForm:
    form = NewValueForm(request.form)
    form.slice.choices = choices([(REALM, "The whole realm"), *_slices()])
    return form


def _page(
    slice_id: int | None, name: str, row: Config | None, form: ValueForm, status: int = 200
) -> ResponseReturnValue:
    key = known(name)
    if row is None and (key is None or key.realm_wide is not (slice_id is None)):
        raise NotFound
    return page(
        "realms/config/show.html",
        status,
        name=name,
        slice_id=slice_id,
        place=slice_id or REALM,
        row=row,
        key=key,
        default=default_of(key) if key else None,
        form=form,
        history=history_of(db.session(), row) if row else [],
        may_set=may("config"),
    )
