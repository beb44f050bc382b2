"""Routes for what people say about a thing, the same for jobs and datasets: description, owners, tags."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.changes.actor import current_actor
from app.db import db
from app.jobs.actions import annotate as acts
from app.jobs.actions.annotate import OwnerDraft, TagDraft, Target
from app.jobs.forms import DescriptionForm, OwnerForm, TagForm
from app.refusal import Refused
from app.web.forms import BaseForm
from app.web.guard import needs
from app.web.undo import Done, say

Forms = dict[str, BaseForm]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is annotated: its target, the page with the forms, and where to go after a change (of a column)."""

    target: Callable[[], Target]
    page: Callable[[int, Forms], ResponseReturnValue]
    back: Callable[[str | None], str]


def add_routes(bp: Blueprint, subject: Subject) -> None:
    """Add the page ``about`` and the forms behind it to a blueprint whose views take no arguments of their own."""
    for add in (_page, _descriptions, _owners, _tags):
        add(bp, subject)


def changed(subject: Subject, name: str, form: BaseForm, act: Callable[[Target], Done]) -> ResponseReturnValue:
    """Carry out an action of a form and go back with what it says: 303, or 422 with the form and what is wrong."""
    column = form.data.get("column") or None
    if form.validate():
        try:
            done = act(subject.target())
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            say(done)
            return redirect(subject.back(column), 303)
    return subject.page(422, {name: form})


def _page(bp: Blueprint, subject: Subject) -> None:
    @bp.get("/about", endpoint="about")
    @needs("lineage.write")
    def about() -> ResponseReturnValue:
        return subject.page(200, {})


def _descriptions(bp: Blueprint, subject: Subject) -> None:
    @bp.post("/description", endpoint="describe")
    @needs("lineage.write")
    def describe() -> ResponseReturnValue:
        form = DescriptionForm(request.form)
        text, column = form.text.data or "", form.column.data or None

        def act(target: Target) -> Done:
            texts = acts.describe(db.session(), target, text, current_actor(), column=column)
            if texts is None:
                return Done("Nothing changed.")
            words = "Your description is shown." if texts[1] else "Your description was taken back."
            return Done(words, url_for(".describe"), (("text", texts[0]), ("column", column), _from()))

        return changed(subject, "description", form, act)


def _owners(bp: Blueprint, subject: Subject) -> None:
    @bp.post("/owners", endpoint="own")
    @needs("lineage.write")
    def own() -> ResponseReturnValue:
        form = OwnerForm(request.form)
        draft = OwnerDraft(form.name.data or "", form.type.data or None)

        def act(target: Target) -> Done:
            row = acts.own(db.session(), target, draft, current_actor())
            return Done(f"{draft.name} is an owner now.", url_for(".disown", owner_id=row.id))

        return changed(subject, "owner", form, act)

    @bp.post("/owners/<int:owner_id>/deletion", endpoint="disown")
    @needs("lineage.write")
    def disown(owner_id: int) -> ResponseReturnValue:
        gone = acts.disown(db.session(), subject.target(), owner_id, current_actor())
        db.session.commit()
        say(Done("The owner was taken away.", url_for(".own"), (("name", gone.name), ("type", gone.type))))
        return redirect(subject.back(None), 303)


def _tags(bp: Blueprint, subject: Subject) -> None:
    @bp.post("/tags", endpoint="tag")
    @needs("lineage.write")
    def tag() -> ResponseReturnValue:
        form = TagForm(request.form)
        draft = TagDraft(form.key.data or "", form.value.data or None, form.column.data or None)

        def act(target: Target) -> Done:
            row, old = acts.tag(db.session(), target, draft, current_actor())
            words = f"Tagged {draft.text}."
            if old is not None:
                return Done(words, url_for(".tag"), _fields(old))
            return Done(words, url_for(".untag", tag_id=row.id), (("column", row.column), _from()))

        return changed(subject, "tag", form, act)

    @bp.post("/tags/<int:tag_id>/deletion", endpoint="untag")
    @needs("lineage.write")
    def untag(tag_id: int) -> ResponseReturnValue:
        gone = acts.untag(db.session(), subject.target(), tag_id, current_actor())
        db.session.commit()
        say(Done("The tag was taken away.", url_for(".tag"), _fields(gone)))
        return redirect(subject.back(request.form.get("column") or None), 303)


def _fields(draft: TagDraft) -> tuple[tuple[str, str | None], ...]:
    return (("key", draft.key), ("value", draft.value), ("column", draft.column), _from())


def _from() -> tuple[str, str | None]:
    """Return what leads back to the page of a column from which a form was sent."""
    return ("from", request.form.get("from"))
