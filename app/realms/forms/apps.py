"""What a new app, or another name for one, is asked for."""

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.web.forms import BaseForm


class LongnameForm(BaseForm):
    """The name that people read."""

    longname = StringField(
        "Long name",
        [InputRequired("Give the name that people read."), Length(max=200)],
        description="What people read, for example “Web shop of the Nordics”.",
    )


class AppForm(LongnameForm):
    """A new app."""

    name = StringField(
        "Name",
        [InputRequired("Give the app a name.")],
        description="What programs and grants call it: 1 to 24 letters, digits and underscores. It cannot be changed.",
        render_kw={"autocapitalize": "none", "autocomplete": "off", "maxlength": 24},
    )
