"""Forms of grants."""

from datetime import UTC, datetime

from wtforms import BooleanField, DateTimeLocalField, StringField
from wtforms.validators import InputRequired, Length, Optional

from app.accounts.forms import MultiCheckboxField
from app.realms.bundles import BUNDLES
from app.web.forms import BaseForm, choices

MINUTES = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class GrantForm(BaseForm):
    """Whom to give what, and when; the view offers the capabilities and apps there are. Times are UTC."""

    user = StringField(
        "Account",
        [InputRequired("Name the account."), Length(max=100)],
        description="The login name. An account that is not a member becomes one.",
        render_kw={"autocapitalize": "none", "autocomplete": "off"},
    )
    bundles = MultiCheckboxField(
        "Roles",
        description="A shorthand: each stands for some of the capabilities below, which are granted one by one.",
        choices=choices((one.name, f"{one.label}: {one.description}") for one in BUNDLES),
    )
    caps = MultiCheckboxField("Capabilities")
    apps = MultiCheckboxField("Apps", description="Only for capabilities that belong to an app.")
    from_ = DateTimeLocalField("From, UTC", [Optional()], format=MINUTES, name="from", description="Empty: at once.")
    to = DateTimeLocalField("Until, UTC", [Optional()], format=MINUTES, description="Empty: until revoked.")
    replace = BooleanField(
        "Change the times of what is held already", description="Otherwise that stays as it is and is told."
    )


class RevocationForm(BaseForm):
    """Whose grants to take back, and which; nothing chosen is no filter."""

    user = StringField(
        "Account",
        [InputRequired("Name the account."), Length(max=100)],
        render_kw={"autocapitalize": "none", "autocomplete": "off"},
    )
    caps = MultiCheckboxField("Capabilities", description="None chosen: all of them.")
    apps = MultiCheckboxField(
        "Apps", description="None chosen: all of them, and what belongs to no app. Otherwise only grants on these."
    )


def in_utc(moment: datetime | None) -> datetime | None:
    """Return the moment a form names, with its zone."""
    return moment.replace(tzinfo=UTC) if moment else None
