"""What a grant is asked for, and its window."""

from datetime import UTC, datetime

from wtforms import DateTimeLocalField, StringField
from wtforms.validators import InputRequired, Length, Optional

from app.accounts.forms import MultiCheckboxField
from app.web.forms import BaseForm

MINUTES = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class GrantForm(BaseForm):
    """Whom to give what, and when; the view offers the capabilities and apps there are. Times are UTC."""

    user = StringField(
        "Account",
        [InputRequired("Name the account."), Length(max=100)],
        description="The login name. An account that is not a member becomes one.",
        render_kw={"autocapitalize": "none", "autocomplete": "off"},
    )
    caps = MultiCheckboxField("Capabilities")
    apps = MultiCheckboxField("Apps", description="Only for capabilities that belong to an app.")
    from_ = DateTimeLocalField("From, UTC", [Optional()], format=MINUTES, name="from", description="Empty: at once.")
    to = DateTimeLocalField("Until, UTC", [Optional()], format=MINUTES, description="Empty: until revoked.")


def in_utc(moment: datetime | None) -> datetime | None:
    """Return the moment a form names, with its zone."""
    return moment.replace(tzinfo=UTC) if moment else None
