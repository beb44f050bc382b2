"""What is kept, since when, and what the next pass would take."""

from flask import Flask, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.changes.actor import current_actor
from app.db import db, utcnow
from app.lineage.actions.keeping import set_keeping
from app.lineage.forms import KeepingForm
from app.lineage.reads.kept import last_passes, taken
from app.lineage.retention import REJECTION_DAYS, SETTINGS, WORDS, limits, preview
from app.lineage.worker_daily import LEASE
from app.realms.settings import numbers
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.kinds import entity_kind
from app.web.nav import nav_item
from app.web.page import page
from app.web.panels import Panel, panel

bp = realm_blueprint("retention", __name__, "/lineage/retention")


def init(app: Flask) -> None:
    """Register the navigation and the kind of the change log."""
    del app
    nav_item("Intake", "Retention", "retention.show", ("lineage.read",), "archive", 60)
    entity_kind("retention", label="Retention")


@bp.get("")
@needs("lineage.read")
def show() -> ResponseReturnValue:
    """Show what is kept and since when; ``?preview=1`` counts what the next pass would take, by the numbers given."""
    form = KeepingForm(request.args)
    asked = any(name in request.args for name in KeepingForm.SETTINGS)
    if asked and not form.validate():
        return _page(422, form, wanted=None)
    return _page(200, form if asked else None, wanted=form.wanted if asked else {})


@bp.post("")
@needs("config")
def change() -> ResponseReturnValue:
    """Set for how long things are kept: 303 to the page, 422 with the form."""
    form = KeepingForm(request.form)
    if not form.validate():
        return _page(422, form, wanted=None)
    is_new = set_keeping(db.session(), g.realm.id, form.wanted, current_actor())
    db.session.commit()
    flash("The next pass goes by these numbers." if is_new else "As it was.")
    return redirect(url_for(".show"), 303)


def _page(status: int, form: KeepingForm | None, wanted: dict[str, int] | None) -> ResponseReturnValue:
    """Render the page; ``wanted`` are the numbers to preview by, empty for those in force, None for no preview."""
    session, now = db.session(), utcnow()
    given = numbers(session, g.realm.id, *SETTINGS)
    shown = wanted is not None and (bool(wanted) or bool(request.args.get("preview")))
    return page(
        "lineage/retention/show.html",
        status,
        form=form or KeepingForm(data={name: given[setting] for name, setting in KeepingForm.SETTINGS.items()}),
        is_new=bool(wanted) and wanted != given,
        words=WORDS,
        days={"events": given["LINEAGE_RAW_DAYS"], "rejections": REJECTION_DAYS,
              "runs": given["LINEAGE_RUN_DAYS"], "edges": given["EDGE_DAYS"]},
        names={"events": "LINEAGE_RAW_DAYS", "runs": "LINEAGE_RUN_DAYS", "edges": "EDGE_DAYS"},
        newest=given["LINEAGE_RUN_COUNT"],
        limits=limits(session, g.realm.id, now, wanted or {}).by_kind,
        passes=last_passes(session),
        lease=LEASE,
        preview={each.kind: each for each in preview(session, g.realm.id, now, wanted or {})} if shown else None,
    )  # fmt: skip


def gone(kind: str) -> ResponseReturnValue:
    """Answer 404 for something retention may have taken, saying so; raises NotFound where it took nothing."""
    found = taken(db.session()).get(kind)
    if found is None:
        raise NotFound
    return page("lineage/retention/gone.html", status=404, taken=found)


@panel("run", "missing")
def missing(_which: object) -> Panel | None:
    """Return what a page says instead of a run that is not there."""
    found = taken(db.session()).get("runs")
    return None if found is None else Panel("Retention", "lineage/retention/_said.html", {"taken": found})


@panel("runs", "notes")
def of_runs(_rows: object) -> Panel | None:
    """Return what a list of runs says of those that are gone."""
    return missing(None)
