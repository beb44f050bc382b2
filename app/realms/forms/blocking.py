"""Forms that close doors."""

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.web.forms import BaseForm


class BlockForm(BaseForm):
    """Whom to block."""

    user = StringField(
        "Account",
        [InputRequired("Name the account."), Length(max=100)],
        description="The login name. From the next request on, neither the person nor their keys get in.",
        render_kw={"autocapitalize": "none", "autocomplete": "off"},
    )


class ClosingForm(BaseForm):
    """That a whole realm is meant; ``confirm`` is its name."""

    confirm = StringField(
        "Name of the realm",
        [InputRequired("Type the name of the realm.")],
        description="Type it, because this shuts out everybody.",
        render_kw={"autocapitalize": "none", "autocomplete": "off"},
    )


class LeavingForm(BaseForm):
    """Why somebody leaves."""

    why = StringField(
        "Why",
        [InputRequired("Say why."), Length(max=500)],
        description="It stands with the membership, and in the log.",
    )
