"""Forms for what people say about jobs and data; they read and check text and know no database."""

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.web.forms import BaseForm, choices

LONG = 20_000


class DescriptionForm(BaseForm):
    """What the thing, or one of its columns, is."""

    text = TextAreaField(
        "Description",
        [Length(max=LONG, message=f"Use at most {LONG:,} characters.")],
        description="Markdown: **bold**, lists, tables, links. Empty takes your words back.",
        render_kw={"rows": 6},
    )
    column = HiddenField(id="described-column")


class OwnerForm(BaseForm):
    """Who answers for it."""

    name = StringField(
        "Owner",
        [InputRequired("Enter who answers for it."), Length(max=200, message="Use at most 200 characters.")],
        id="owner-name",
        render_kw={"placeholder": "team:analytics", "autocomplete": "off"},
    )
    type = StringField(
        "As",
        [Length(max=200, message="Use at most 200 characters.")],
        id="owner-type",
        render_kw={"placeholder": "steward"},
    )


class TagForm(BaseForm):
    """A tag, of the whole or of one column."""

    key = StringField("Tag", [InputRequired("Enter a tag."), Length(max=200, message="Use at most 200 characters.")])
    value = StringField("Value", [Length(max=500, message="Use at most 500 characters.")])
    column = SelectField("Of", validate_choice=False, choices=choices([("", "the whole")]))


def _reason(label: str, *, needed: bool = False) -> TextAreaField:
    checks = [InputRequired("Say why.")] if needed else []
    return TextAreaField(
        label, [*checks, Length(max=500, message="Use at most 500 characters.")], render_kw={"rows": 2}
    )


class CancelForm(BaseForm):
    """Why a run should stop."""

    why = _reason("Why")


class DismissForm(BaseForm):
    """Why the silence of a run is no matter."""

    why = _reason("Why", needed=True)


class EndForm(BaseForm):
    """How a run ended that does not say so itself."""

    status = SelectField(
        "It ended as",
        choices=choices([("failed", "failed"), ("cancelled", "cancelled"), ("completed", "completed")]),
    )
    reason = _reason("Reason")
    number = StringField(
        "Number of the run", [Length(max=20)], render_kw={"autocomplete": "off", "inputmode": "numeric"}
    )


class ShareForm(BaseForm):
    """For how long a link opens a run, and what it shows."""

    hours = SelectField(
        "It opens for",
        choices=choices([("1", "1 hour"), ("24", "1 day"), ("168", "7 days"), ("720", "30 days"), ("2160", "90 days")]),
        default="168",
    )
    show_metadata = BooleanField("Values that steps report", description="Private values are never shown.")
    show_log = BooleanField("The log", description="Its last lines, with secrets masked.")
