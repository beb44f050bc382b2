"""Forms for what people say about jobs and data; they read and check text and know no database."""

from wtforms import HiddenField, SelectField, StringField, TextAreaField
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
