"""What people do to a run: cancel, end by hand, try again, dismiss, archive."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.accounts.models import User
from app.changes.actor import current_actor
from app.db import db
from app.jobs import asked
from app.jobs.actions import ending
from app.jobs.actions.opening import retry as open_again
from app.jobs.actions.telling import label_of
from app.jobs.forms import CancelForm, DismissForm, EndForm
from app.jobs.queries.sight import only_looks
from app.jobs.reads.run_access import Access, access
from app.jobs.reads.runs import numbers_below
from app.jobs.reads.tracked import Tracked, seen
from app.jobs.views.runs import bp
from app.refusal import Problem, Refused
from app.web.forms import BaseForm
from app.web.guard import needs
from app.web.page import page
from app.web.undo import Done, say


@dataclass(frozen=True, slots=True)
class Act:
    """What a form does: the heading of its page, what will happen, and the word on its button."""

    title: str
    words: str
    button: str
    endpoint: str


def reached(run_id: str) -> tuple[Tracked, Access]:
    """Return a run among the rows of the account and what it may do with it; raises NotFound."""
    sight = asked.sight()
    one = seen(db.session(), asked.which(run_id), sight)
    if one is None:
        raise NotFound
    return one, access(db.session(), sight, one.run, g.standing.who.name, writes=True)


def written(run_id: str) -> Tracked:
    """Return a run that the account may change; raises NotFound, and Refused 403 for customers, who only look."""
    one, found = reached(run_id)
    if not found.acts:
        raise only_looks()
    return one


@bp.route("/<run_id>/cancellation", methods=["GET", "POST"])
@needs("jobs.write")
def cancel(run_id: str) -> ResponseReturnValue:
    """Ask a run to stop, and those below it: 303; 422 or 409 with the form and what is wrong."""
    one, form = written(run_id), CancelForm(request.form)
    waits = one.run.status == "queued"
    words = "It has not begun and is cancelled at once." if waits else (
        "The program is told with its next report, and ends the run itself. If it never does, end it by hand."
    )  # fmt: skip
    act = Act("Cancel", f"{words}{_and_below(one)}", "Cancel the run", "runs.cancel")

    def do() -> str:
        done = ending.request_cancel(db.session(), one, form.why.data, current_actor())
        below = f" {done.children} below it were asked too." if done.children else ""
        return f"Run {one.run.number} was cancelled.{below}" if done.outcome == "cancelled" else (
            f"Run {one.run.number} was asked to stop.{below}"
        )  # fmt: skip

    return _answered(one, form, act, do)


@bp.route("/<run_id>/ending", methods=["GET", "POST"])
@needs("jobs.write")
def end(run_id: str) -> ResponseReturnValue:
    """End a run by hand, with its number typed when it has runs below it: 303; 422 or 409 with the form."""
    one, form = written(run_id), EndForm(request.form)
    below = _below(one)
    if not below:
        del form.number
    typed = f" {below} below it keep their own state; type the number, {one.run.number}, to go on." if below else ""
    words = "Use this when its program is gone. Reports that come later are kept, but do not change how it ended."
    act = Act("End by hand", words + typed, "End the run", "runs.end")

    def do() -> str:
        number = (form.number.data or "") if below else ""
        status, reason = form.status.data or "", form.reason.data
        ending.force_end(db.session(), one, status, reason, current_actor(), typed=number)
        return f"Run {one.run.number} ended as {status}."

    return _answered(one, form, act, do)


@bp.route("/<run_id>/dismissal", methods=["GET", "POST"])
@needs("jobs.write")
def dismiss(run_id: str) -> ResponseReturnValue:
    """Say that the silence of a run is no matter: 303; 422 or 409 with the form and what is wrong."""
    one, form = written(run_id), DismissForm(request.form)
    words = "It leaves the lists and notices of stalled runs. Its status stays as it is."
    act = Act("Dismiss", words, "Dismiss its silence", "runs.dismiss")

    def do() -> str:
        ending.dismiss(db.session(), one.run, label_of(one), form.why.data or "", current_actor())
        return f"The silence of run {one.run.number} was dismissed."

    return _answered(one, form, act, do)


@bp.post("/<run_id>/attempts")
@needs("jobs.write")
def retry(run_id: str) -> ResponseReturnValue:
    """Try a run again that has ended: 303 to the new attempt, 409 for one that goes on or was tried again."""
    one, session = written(run_id), db.session()
    provider = session.get(User, one.run.provider_id) if one.run.provider_id is not None else None
    if provider is None:
        raise Refused(Problem("not_tracked", "Only tracked runs are tried again from here."), status=409)
    opened = open_again(session, one, provider, current_actor())
    session.commit()
    flash(f"Attempt {opened.run.attempt} waits for its program.")
    return redirect(url_for("runs.show", run_id=opened.run.id), 303)


@bp.post("/<run_id>/archival")
@needs("jobs.write")
def archive(run_id: str) -> ResponseReturnValue:
    """Take a tracked run that has ended out of lists: 303 to its page, 409 for one that goes on or is archived."""
    one = written(run_id)
    ending.archive(db.session(), one.run, label_of(one), current_actor())
    db.session.commit()
    say(Done(f"Run {one.run.number} was archived.", url_for("runs.restore", run_id=one.run.id)))
    return redirect(url_for("runs.show", run_id=one.run.id), 303)


@bp.post("/<run_id>/restoration")
@needs("jobs.write")
def restore(run_id: str) -> ResponseReturnValue:
    """Show an archived run in lists again: 303 to its page, 409 for one that is not archived."""
    one = written(run_id)
    ending.restore(db.session(), one.run, label_of(one), current_actor())
    db.session.commit()
    flash(f"Run {one.run.number} stands in lists again.")
    return redirect(url_for("runs.show", run_id=one.run.id), 303)


def _answered(one: Tracked, form: BaseForm, act: Act, do: Callable[[], str]) -> ResponseReturnValue:
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                words = do()
            except Refused as refusal:
                db.session.rollback()
                form.refuse(refusal)
                status = refusal.status
            else:
                db.session.commit()
                flash(words)
                return redirect(url_for("runs.show", run_id=one.run.id), 303)
    return page("jobs/runs/act.html", status, run=one.run, job=one.job, form=form, act=act)


def _below(one: Tracked) -> int:
    return len(numbers_below(db.session(), one.run.number)) - 1


def _and_below(one: Tracked) -> str:
    below = _below(one)
    return f" {below} below it {'is' if below == 1 else 'are'} asked too." if below else ""
