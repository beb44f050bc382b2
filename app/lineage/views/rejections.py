"""Pages of refused events: the list, one with the reason marked, replay and discard."""

from flask import Flask, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.changes.actor import current_actor
from app.db import db
from app.lineage.arrivals import found_rejections, refused_filters, rejection_listing
from app.lineage.models import Rejection
from app.lineage.openlineage.place import mark
from app.lineage.queries import events as queries
from app.lineage.rejections import Replayed, discard, replay, why_not_replayable
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.kinds import entity_kind
from app.web.nav import nav_item
from app.web.page import page

bp = realm_blueprint("rejections", __name__, "/lineage/rejections")
# More than this at once would hold the database for too long; the page says so and goes on with the next.
AT_ONCE = 500


def init(app: Flask) -> None:
    """Register navigation and the kind."""
    del app
    nav_item("Intake", "Rejections", "rejections.index", ("lineage.write",), "octagon-x", 30)
    entity_kind("rejection", label="Rejection", endpoint="rejections.show", arg="rejection_id")


@bp.get("")
@needs("lineage.write")
def index() -> ResponseReturnValue:
    """List refused events that were not replayed, newest first."""
    return found_rejections().answer("lineage/rejections/index.html", sources=queries.SOURCES)


@bp.get("/<int:rejection_id>")
@needs("lineage.write")
def show(rejection_id: int) -> ResponseReturnValue:
    """Show one refused event with its reason marked in the text."""
    row = _find(rejection_id)
    marked = mark(row.body, row.path, row.detail)
    return page("lineage/rejections/show.html", row=row, marked=marked, no_replay=why_not_replayable(row))


@bp.post("/<int:rejection_id>/replay")
@needs("lineage.write")
def replay_one(rejection_id: int) -> ResponseReturnValue:
    """Send it through ingest again: 303 to the event, or back with what it still lacks."""
    done = _replay([_find(rejection_id)])
    if done.refused:
        flash(f"Still refused: {done.refused[0][1].detail}.")
        return redirect(url_for(".show", rejection_id=rejection_id), 303)
    flash("The event was taken.")
    return redirect(url_for("events.show", event_id=done.events[0]), 303)


@bp.post("/<int:rejection_id>/deletion")
@needs("lineage.write")
def delete(rejection_id: int) -> ResponseReturnValue:
    """Discard it for good: 303 to the list."""
    discard(db.session(), g.realm.id, [_find(rejection_id)], current_actor())
    db.session.commit()
    flash("The refused event was discarded.")
    return redirect(url_for(".index"), 303)


@bp.get("/replay")
@needs("lineage.write")
def preview() -> ResponseReturnValue:
    """Say how many match and can be replayed, before anything happens."""
    listing = rejection_listing()
    rows = _matching()
    return page("lineage/rejections/replay.html", listing=listing, rows=rows, most=AT_ONCE, args=request.args)


@bp.post("/replay")
@needs("lineage.write")
def replay_all() -> ResponseReturnValue:
    """Send all that match through ingest again, at most 500 at once: 303 to the list."""
    done = _replay(_matching())
    left = f", {len(done.refused):,} are still refused" if done.refused else ""
    flash(f"{done.taken:,} events were taken{left}.")
    return redirect(url_for(".index"), 303)


def _replay(rows: list[Rejection]) -> Replayed:
    mask = current_app.config["SETTINGS"].mask == "store"
    done = replay(db.session(), g.realm.id, rows, current_actor(), mask=mask)
    db.session.commit()
    return done


def _matching() -> list[Rejection]:
    narrowed = queries.rejections().where(Rejection.cut.is_(False), *refused_filters(rejection_listing()))
    return list(db.session.scalars(narrowed.order_by(Rejection.id).limit(AT_ONCE)))


def _find(rejection_id: int) -> Rejection:
    row = db.session.scalar(queries.rejection(rejection_id))
    if row is None:
        raise NotFound
    return row
