"""What a new slice, a schedule and a purge are asked for."""

from wtforms import DateTimeLocalField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from app.accounts.forms import MultiCheckboxField
from app.web.forms import BaseForm

MINUTES = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class SliceForm(BaseForm):
    """A new slice; the view offers the slices and apps there are."""

    copy_of = SelectField("Begin with", choices=[], validate_choice=False)
    descr = StringField("What it is for", [Length(max=200)], description="Empty: the words of the slice it copies.")
    apps = MultiCheckboxField("Only what these apps own", description="None: of every app. Settings are always copied.")


class ScheduleForm(BaseForm):
    """From when on; empty is at once."""

    at = DateTimeLocalField("At, UTC", [Optional()], format=MINUTES, description="Empty: at once.")


class PurgeForm(BaseForm):
    """The name of the slice, typed."""

    confirm = StringField("Its name", [InputRequired("Type its name.")], render_kw={"autocomplete": "off"})
