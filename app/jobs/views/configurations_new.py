"""A new version of a plan, by a form or as JSON."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.changes.actor import current_actor
from app.db import db
from app.jobs import asked
from app.jobs.actions.configurations import ConfigurationDraft, Registered, register
from app.jobs.actions.parties import provider_of
from app.jobs.api.body import as_kind
from app.jobs.api.configurations import Configuration, step_of
from app.jobs.forms_plans import (
    MORE_ROWS,
    PlanForm,
    StepRow,
    as_json,
    parsed,
    rows_from,
    rows_of,
    steps_of,
    with_blanks,
)
from app.jobs.views.configurations import bp, opened
from app.refusal import Refused
from app.web.guard import needs
from app.web.page import page

EXAMPLE = (
    StepRow("fetch", "Fetch", "1"),
    StepRow("run", "Run", "8", values="Score number %; Report link"),
    StepRow("return", "Return", "1"),
)


@bp.get("/new")
@needs("jobs.write")
def new() -> ResponseReturnValue:
    """Ask for a plan; ``?from=`` starts with another one, ``?as=json`` asks for JSON."""
    asked.not_for_customers()
    start = asked.number(request.args.get("from", ""), "from")
    if start is None:
        return _page(PlanForm(), list(EXAMPLE) if "example" in request.args else [])
    one = opened(start)
    given = {"tag": one.row.tag, "name": one.row.name, "provider": one.provider or "", "version": one.row.version}
    text = as_json(one.row.tag, one.row.name, one.row.version, one.plan.steps)
    return _page(PlanForm(MultiDict({**given, "text": text})), rows_from(one.plan.steps))


@bp.post("/new")
@needs("jobs.write")
def add() -> ResponseReturnValue:
    """Register it: 303 to its page; 422 or 409 with the form and what is wrong; 200 when more lines are asked for."""
    asked.not_for_customers()
    form, rows = PlanForm(request.form), rows_of(request.form)
    if "more" in request.form:
        return _page(form, rows, more=MORE_ROWS)
    try:
        done = _register(form, rows)
    except Refused as refusal:
        db.session.rollback()
        changes = refusal.extra.get("changes", []) if refusal.extra else []
        return _page(form, _refused(form, rows, refusal), refusal.status, changes=changes)
    db.session.commit()
    words = f"{done.configuration.tag} {done.configuration.version}"
    flash(f"{words} was registered." if done.created else f"{words} is known already, with the same content.")
    return redirect(url_for(".show", configuration_id=done.configuration.id), 303)


def _register(form: PlanForm, rows: Sequence[StepRow]) -> Registered:
    provider = form.provider.data or None
    if request.form.get("as") == "json":
        given = as_kind(parsed(form.text.data or ""), Configuration)
        draft = ConfigurationDraft(given.tag, given.name, given.version, tuple(map(step_of, given.steps)))
        provider = given.provider or provider
    else:
        tag, name, version = (field.data or "" for field in (form.tag, form.name, form.version))
        draft = ConfigurationDraft(tag, name or tag, version, steps_of(rows))
    session = db.session()
    return register(session, draft, provider_of(session, asked.sight(), provider), current_actor())


def _refused(form: PlanForm, rows: list[StepRow], refusal: Refused) -> list[StepRow]:
    """Put each problem where it belongs: at a field, at the line of a step, or above the form."""
    is_json, known = request.form.get("as") == "json", {field.name: field for field in form}
    at = [index for index, row in enumerate(rows) if not row.is_blank]
    for problem in refusal.problems:
        path = (problem.field or "").strip("/").split("/")
        if path[0] == "steps" and not is_json and len(path) > 1 and int(path[1]) < len(at):
            place = at[int(path[1])]
            rows[place] = replace(rows[place], error=f"{rows[place].error} {problem.detail}".strip())
            form.form_errors.append(f"Step {place + 1}: {problem.detail}")
        elif path[0] in known and not is_json:
            known[path[0]].errors = [*known[path[0]].errors, problem.detail]
        elif is_json and path[0] != "provider":
            where = f"{problem.field}: " if problem.field and problem.field != "text" else ""
            form.text.errors = [*form.text.errors, f"{where}{problem.detail}"]
        else:
            form.refuse(Refused(problem))
    return rows


def _page(
    form: PlanForm, rows: list[StepRow], status: int = 200, *, more: int = 0, **given: Any
) -> ResponseReturnValue:
    if not asked.sight().is_all:
        del form.provider
    how = request.values.get("as", "form")
    told = {"changes": [], **given}
    return page("jobs/configurations/new.html", status, form=form, rows=with_blanks(rows, more), how=how, **told)
