"""What people say about a dataset: description, owners, tags, the name it is shown by, what is expected of it."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.changes.actor import current_actor
from app.db import db
from app.jobs.actions.annotate import Target
from app.jobs.forms import DescriptionForm, OwnerForm, TagForm
from app.jobs.views.annotating import Forms, Subject, add_routes, changed
from app.lineage.actions.expect import ExpectationDraft, expect, forget
from app.lineage.actions.pin import pin_name
from app.lineage.forms import ExpectationForm, NameForm
from app.lineage.reads import schemas
from app.lineage.reads.head import Head
from app.lineage.views.opened import dataset_blueprint, load, opened, tab
from app.web.forms import choices
from app.web.guard import needs
from app.web.undo import Done

bp = dataset_blueprint("annotations", __name__)
MOST_COLUMNS = 500


def target_of(head: Head) -> Target:
    """Return a dataset as a target of annotations; its canonical name comes first."""
    return Target("dataset", tuple(head.ids), head.dataset.name)


def _page(status: int, given: Forms) -> ResponseReturnValue:
    head = load() if status != 200 else opened()  # noqa: PLR2004 - a refusal rolled back what was read
    said = head.about.description
    forms: dict[str, Any] = {
        "description": DescriptionForm(text=said.text if said else ""),
        "owner": OwnerForm(),
        "tag": TagForm(),
        "name": NameForm(name=next((str(one.dataset.id) for one in head.names if one.dataset.pinned), "")),
        "expectation": ExpectationForm.showing(head.expectation),
        **given,
    }
    forms["tag"].column.choices = choices([("", "the whole dataset"), *((path, path) for path in _columns(head))])
    named = [(str(one.dataset.id), f"{one.dataset.name} ({one.dataset.namespace})") for one in head.names]
    forms["name"].name.choices = choices([("", "Let Headwater choose"), *named])
    return tab("about", status, forms=forms, about=head.about)


def _columns(head: Head) -> list[str]:
    fields = schemas.fields_now(db.session(), [name.dataset for name in head.names])
    return [field.path for field in fields[:MOST_COLUMNS]]


def _back(column: str | None) -> str:
    if column and request.form.get("from") == "column":
        return url_for("column.show", dataset_id=opened().dataset.id, name=column)
    return url_for("annotations.about", dataset_id=opened().dataset.id)


SUBJECT = Subject(lambda: target_of(opened()), _page, _back)
add_routes(bp, SUBJECT)


@bp.post("/expectation", endpoint="expect")
@needs("lineage.write")
def set_expectation() -> ResponseReturnValue:
    """Set what is expected: 303, or 422 with the form and what is wrong."""
    form = ExpectationForm(request.form)

    def act(target: Target) -> Done:
        draft = ExpectationDraft(form.seconds, form.by.data or None, form.zone.data or None, form.min_rows.data)
        done = expect(db.session(), target, draft, current_actor())
        return Done("The expectation holds from now on." if done else "As it was.")

    return changed(SUBJECT, "expectation", form, act)


@bp.post("/expectation/deletion", endpoint="forget")
@needs("lineage.write")
def clear_expectation() -> ResponseReturnValue:
    """Take the expectation back: 303, also when there was none."""
    if forget(db.session(), target_of(opened()), current_actor()):
        db.session.commit()
        flash("Nothing is expected any more; the usual rhythm decides.")
    return redirect(_back(None), 303)


@bp.post("/name", endpoint="pin")
@needs("lineage.write")
def pin() -> ResponseReturnValue:
    """Choose the name it is shown by: 303 to the page under that name, 409 when it has only one."""
    form = NameForm(request.form)
    ids, chosen = opened().ids, form.name.data or ""
    number = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else None  # noqa: PLR2004
    home = pin_name(db.session(), ids, number if not chosen or number is not None else -1, current_actor())
    db.session.commit()
    flash("It is shown by this name now." if chosen else "Headwater chooses the name again.")
    return redirect(url_for("dataset.show", dataset_id=home), 303)
