"""Routes for what people say about a thing, the same for jobs and datasets: description, owners, tags."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from app.changes.actor import current_actor
from app.db import db
from app.jobs.actions import annotate as acts
from app.jobs.actions.annotate import OwnerDraft, TagDraft, Target
from app.jobs.forms import DescriptionForm, OwnerForm, TagForm
from app.refusal import Refused
from app.web.forms import BaseForm
from app.web.guard import needs

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


def changed(subject: Subject, name: str, form: BaseForm, act: Callable[[Target], str]) -> ResponseReturnValue:
    """Carry out an action of a form and go back with what it says: 303, or 422 with the form and what is wrong."""
    column = form.data.get("column") or None
    if form.validate():
        try:
            words = act(subject.target())
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(words)
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

        def act(target: Target) -> str:
            done = acts.describe(db.session(), target, text, current_actor(), column=column)
            if not done:
                return "Nothing changed."
            return "Your description is shown." if text else "Your description was taken back."

        return changed(subject, "description", form, act)


def _owners(bp: Blueprint, subject: Subject) -> None:
    @bp.post("/owners", endpoint="own")
    @needs("lineage.write")
    def own() -> ResponseReturnValue:
        form = OwnerForm(request.form)
        draft = OwnerDraft(form.name.data or "", form.type.data or None)

        def act(target: Target) -> str:
            acts.own(db.session(), target, draft, current_actor())
            return f"{draft.name} is an owner now."

        return changed(subject, "owner", form, act)

    @bp.post("/owners/<int:owner_id>/deletion", endpoint="disown")
    @needs("lineage.write")
    def disown(owner_id: int) -> ResponseReturnValue:
        acts.disown(db.session(), subject.target(), owner_id, current_actor())
        db.session.commit()
        flash("The owner was taken away.")
        return redirect(subject.back(None), 303)


def _tags(bp: Blueprint, subject: Subject) -> None:
    @bp.post("/tags", endpoint="tag")
    @needs("lineage.write")
    def tag() -> ResponseReturnValue:
        form = TagForm(request.form)
        draft = TagDraft(form.key.data or "", form.value.data or None, form.column.data or None)

        def act(target: Target) -> str:
            acts.tag(db.session(), target, draft, current_actor())
            return f"Tagged {draft.text}."

        return changed(subject, "tag", form, act)

    @bp.post("/tags/<int:tag_id>/deletion", endpoint="untag")
    @needs("lineage.write")
    def untag(tag_id: int) -> ResponseReturnValue:
        acts.untag(db.session(), subject.target(), tag_id, current_actor())
        db.session.commit()
        flash("The tag was taken away.")
        return redirect(subject.back(request.form.get("column") or None), 303)
