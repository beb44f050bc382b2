"""What a setting is set to."""

from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.web.forms import BaseForm

LONGEST_DESCR = 2_000


class ValueForm(BaseForm):
    """A value and what it is for; ``ver`` is the version that was looked at."""

    val = TextAreaField(
        "Value",
        description="Text of up to 64 KiB. It is no place for secrets: who may read settings reads it.",
        render_kw={"rows": 3, "spellcheck": "false"},
    )
    none = BooleanField(
        "Left empty, it has no value",
        description="The default holds then, where there is one; unchecked, it is empty text.",
    )
    descr = StringField("What it is for", [Length(max=LONGEST_DESCR)])
    ver = IntegerField("Version", [Optional()])

    @property
    def value(self) -> str | None:
        """Return the value as an action takes it; browsers end lines with a carriage return, which is no part of it."""
        text = (self.val.data or "").replace("\r\n", "\n")
        return None if self.none.data and not text else text


class NewValueForm(ValueForm):
    """A setting of a name that has none yet; the view offers the slices there are."""

    name = StringField(
        "Name",
        [InputRequired("Give the setting a name.")],
        description="Up to 63 letters, digits and underscores; kept in capitals.",
        render_kw={"autocapitalize": "characters", "autocomplete": "off", "maxlength": 63},
    )
    slice = SelectField("For", choices=[], validate_choice=False)
