"""Links that open a run to people without an account: the list of a run, making one, closing one."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.changes.actor import current_actor
from app.db import db, utcnow
from app.jobs.actions.shares import ShareDraft, make_share, revoke_share
from app.jobs.actions.telling import label_of
from app.jobs.forms import ShareForm
from app.jobs.queries import run_parts as queries
from app.jobs.reads.run_access import Access
from app.jobs.reads.tracked import Tracked
from app.jobs.views.run_acts import reached
from app.jobs.views.runs import bp
from app.refusal import Problem, Refused
from app.web.guard import needs
from app.web.page import page

MOST = 200


@bp.get("/<run_id>/shares")
@needs("jobs.write")
def shares(run_id: str) -> ResponseReturnValue:
    """List the links of a run, newest first, with a form for another."""
    one, access = _shared(run_id)
    return _listed(one, access, _form(access), 200)


@bp.post("/<run_id>/shares")
@needs("jobs.write")
def share(run_id: str) -> ResponseReturnValue:
    """Make a link and show it once: 201; 422 or 409 with the form and what is wrong."""
    one, access = _shared(run_id)
    form, status = _form(access), 422
    if form.validate():
        shows_log = access.log and bool(form.show_log.data)
        draft = ShareDraft(int(form.hours.data), show_metadata=bool(form.show_metadata.data), show_log=shows_log)
        try:
            link, token = make_share(db.session(), one.run, label_of(one), draft, current_actor())
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
            status = refusal.status
        else:
            db.session.commit()
            url = url_for("shared.show", token=token, _external=True)
            answer = page("jobs/shares/issued.html", 201, run=one.run, job=one.job, link=link, url=url)
            answer.headers["Cache-Control"] = "no-store"
            return answer
    return _listed(one, access, form, status)


@bp.post("/<run_id>/shares/<uuid:share_id>/revocation")
@needs("jobs.write")
def unshare(run_id: str, share_id: UUID) -> ResponseReturnValue:
    """Close a link at once: 303; 404 when the run has none such, 409 when it is closed."""
    one, _ = _shared(run_id)
    revoke_share(db.session(), one.run, label_of(one), share_id, current_actor())
    db.session.commit()
    flash("The link opens nothing any more.")
    return redirect(url_for("runs.shares", run_id=one.run.id), 303)


def _shared(run_id: str) -> tuple[Tracked, Access]:
    one, access = reached(run_id)
    if not access.shares:
        raise Refused(Problem("role", "This run is not yours to share."), status=403)
    return one, access


def _form(access: Access) -> ShareForm:
    """Return the form of the request; nobody shares a log that is not shown to him."""
    form = ShareForm(request.form)
    if not access.log:
        del form.show_log
    return form


def _listed(one: Tracked, access: Access, form: ShareForm, status: int) -> ResponseReturnValue:
    links = list(db.session.scalars(queries.shares(one.run.number).limit(MOST)))
    return page(
        "jobs/shares/index.html", status, run=one.run, job=one.job, links=links, form=form, now=utcnow(), access=access
    )
