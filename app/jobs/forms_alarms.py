"""The form for what is expected of a job."""

from functools import cache
from zoneinfo import available_timezones

from wtforms import SelectField, StringField
from wtforms.validators import Length

from app.web.forms import BaseForm, choices

SHORT = Length(max=64, message="Use at most 64 characters.")


class AlarmForm(BaseForm):
    """All alarms of a job; what is empty is not expected."""

    heartbeat_s = StringField(
        "A sign of life at least every",
        [SHORT],
        description="Such as 10m, from 10s to 7d. Silent for longer, a run is stalled. Empty: learned from its runs.",
        render_kw={"autocomplete": "off", "placeholder": "10m"},
    )
    deadline_s = StringField(
        "Done within",
        [SHORT],
        description="Such as 2h: from 60s to 365d after the start. A run that takes longer is late.",
        render_kw={"autocomplete": "off", "placeholder": "2h"},
    )
    due_by = StringField(
        "Done by",
        [SHORT],
        description="A time of day, such as 07:30. It counts where no length is given, and until the run starts.",
        render_kw={"autocomplete": "off", "placeholder": "07:30"},
    )
    due_zone = StringField(
        "In the zone",
        [SHORT],
        description="Such as Europe/Berlin, across daylight saving. Empty: UTC.",
        render_kw={"autocomplete": "off", "list": "zones"},
    )
    metadata_check = SelectField(
        "Values that do not fit the configuration",
        description="Values that a step tells are held against the kinds of its configuration.",
        choices=choices([("", "are kept and marked"), ("off", "are kept"), ("reject", "are refused")]),
        validate_choice=False,
    )


@cache
def zones() -> list[str]:
    """Return the names of zones that a map would show, in order."""
    return sorted(
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix", "right"))
    )
