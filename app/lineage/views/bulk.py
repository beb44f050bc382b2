"""A tag or an owner for many datasets at once: those marked in the list, or all that match its filters."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, StringField
from wtforms.validators import Length

from app.changes.actor import current_actor
from app.db import db, utcnow
from app.lineage.actions.bulk import MOST, Annotated, annotate_many
from app.lineage.reads.listed import Listed
from app.lineage.reads.listing import matching
from app.lineage.views.datasets import BIGGEST, FILTERS, SORTS, wanted_of
from app.refusal import Refused
from app.web.blueprints import realm_blueprint
from app.web.forms import BaseForm
from app.web.guard import needs
from app.web.listing import Listing
from app.web.page import page
from app.web.whole import whole

LONGEST_QUERY = 8_000
bp = realm_blueprint("bulk", __name__, "/lineage/datasets/annotation")


class BulkForm(BaseForm):
    """What to add to many datasets."""

    tag = StringField("Tag", [Length(max=200, message="Use at most 200 characters.")], description="Such as pii.")
    owner = StringField(
        "Owner",
        [Length(max=200, message="Use at most 200 characters.")],
        description="A person or a team, such as team:analytics.",
    )
    query = HiddenField()


@bp.get("")
@needs("lineage.write")
def choose() -> ResponseReturnValue:
    """Show how many datasets the filters of the URL leave, or those in its ``query``, and ask what to add to them."""
    given = [*parse_qsl(request.args.get("query", "")[:LONGEST_QUERY]), *request.args.items(multi=True)]
    query = urlencode([pair for pair in given if pair[0] in {"q", "sort", *FILTERS}])
    return _page(200, BulkForm(MultiDict({"query": query})), _all(query), is_all=True)


@bp.post("")
@needs("lineage.write")
def add() -> ResponseReturnValue:
    """Add a tag, an owner or both: 303 to the list, or 422 with the form and what is wrong with it."""
    form, is_all = BulkForm(request.form), bool(request.form.get("all"))
    query = urlencode(parse_qsl((form.query.data or "")[:LONGEST_QUERY]))
    chosen = _all(query) if is_all else []
    marked = request.form.getlist("id")[: MOST + 1]
    numbers = [row.dataset.id for row in chosen] if is_all else [whole(text, BIGGEST) for text in marked]
    ids = [number for number in numbers if number is not None]
    if form.validate():
        try:
            given = {"tag": form.tag.data or "", "owner": form.owner.data or ""}
            done = annotate_many(db.session(), ids, given, current_actor())
        except Refused as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(" ".join(_words(one) for one in done))
            return redirect(url_for("datasets.index") + (f"?{query}" if query else ""), 303)
    return _page(422, form, chosen, ids=ids, is_all=is_all)


def _page(status: int, form: BulkForm, chosen: list[Listed], *, is_all: bool, **more: Any) -> ResponseReturnValue:
    given: dict[str, Any] = {"ids": [], **more}
    number = len(chosen) if is_all else len(given["ids"])
    return page(
        "lineage/datasets/annotation.html",
        status,
        form=form,
        chosen=chosen[:20],
        number=number,
        most=MOST,
        is_all=is_all,
        **given,
    )


def _all(query: str) -> list[Listed]:
    listing = Listing.from_args(MultiDict(parse_qsl(query)), sorts=SORTS, filters=FILTERS)
    session, now = db.session(), utcnow()
    return matching(session, listing, wanted_of(session, listing, now), now, MOST + 1)


def _words(done: Annotated) -> str:
    deed = f"Tagged {done.value}" if done.what == "tag" else f"{done.value} owns"
    had = f" {done.had:,} had it already." if done.had else ""
    return f"{deed}: {done.added:,} {'dataset' if done.added == 1 else 'datasets'}.{had}"
