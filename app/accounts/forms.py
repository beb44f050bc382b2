"""Forms of accounts: they read and check text and know no database."""

from datetime import timedelta

from wtforms import BooleanField, EmailField, HiddenField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts.models import Role
from app.web.forms import BaseForm, choices

LIFETIMES = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "1 year", "730": "2 years", "": "Never"}
ROLES = [
    (Role.CUSTOMER.value, "Customer: reads, and receives runs"),
    (Role.PROVIDER.value, "Provider: reports runs"),
    (Role.OPERATOR.value, "Operator: watches over all runs"),
]
EMAIL = Regexp(r"^[^@\s]+@[^@\s]+$", message="Enter an e-mail address like name@example.org.")
NEW = {"autocomplete": "new-password"}


class MultiCheckboxField(SelectMultipleField):
    """Several of a list, one checkbox each."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SignInForm(BaseForm):
    """Name and password; ``next`` is the page to go on to."""

    name = StringField(
        "Name", [InputRequired("Enter your name.")], render_kw={"autocomplete": "username", "autocapitalize": "none"}
    )
    password = PasswordField(
        "Password", [InputRequired("Enter your password.")], render_kw={"autocomplete": "current-password"}
    )
    next = HiddenField()


class ProfileForm(BaseForm):
    """What people may say about themselves."""

    display_name = StringField(
        "Name shown to others", [InputRequired("Enter a name."), Length(max=200, message="Use at most 200 characters.")]
    )
    email = EmailField("E-mail", [Optional(), Length(max=511), EMAIL], render_kw={"autocomplete": "email"})
    first_name = StringField("First name", [Length(max=200)], render_kw={"autocomplete": "given-name"})
    last_name = StringField("Last name", [Length(max=200)], render_kw={"autocomplete": "family-name"})


class PasswordForm(BaseForm):
    """The present password and, twice, the new one."""

    current = PasswordField(
        "Present password",
        [InputRequired("Enter your present password.")],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        "New password", [InputRequired("Enter a new password.")], description="At least 10 characters.", render_kw=NEW
    )
    repeat = PasswordField("New password again", [InputRequired("Repeat the new password.")], render_kw=NEW)

    def validate_repeat(self, field: PasswordField) -> None:
        """Refuse a repetition that differs."""
        _same(self.new, field)


class KeyForm(BaseForm):
    """What a key is for, what it may do and how long; the view offers the scopes its owner holds."""

    note = StringField(
        "What is it for?",
        [InputRequired("Say what the key is for."), Length(max=200, message="Use at most 200 characters.")],
        description="For example “Airflow production”. Shown in lists and in the change log.",
    )
    expires = SelectField("Expires after", choices=choices(LIFETIMES.items()), default="365")
    scopes = MultiCheckboxField(
        "What may it do?",
        description="Only what you hold yourself; a key never does more than its owner may at the time.",
    )

    @property
    def lifetime(self) -> timedelta | None:
        """Return how long the key is to live, None for without end."""
        return timedelta(days=int(self.expires.data)) if self.expires.data else None


class RotationForm(BaseForm):
    """For how long the old key goes on working."""

    days = SelectField(
        "The old key works for",
        choices=choices([("1", "1 day more"), ("3", "3 days more"), ("7", "7 days more"), ("0", "no longer")]),
        description="Time to give the new key to everything that has the old one.",
    )


class InvitationForm(BaseForm):
    """Whom to ask in, and what they may do from the start."""

    email = EmailField(
        "E-mail",
        [InputRequired("Enter an e-mail address."), Length(max=511), EMAIL],
        description="You get a link to send; Headwater sends no mail itself.",
    )
    role = SelectField("Role in job tracking", choices=choices(ROLES))
    caps = MultiCheckboxField("Capabilities from the start")


class JoinForm(BaseForm):
    """The account of an invited person."""

    name = StringField(
        "Login name",
        [InputRequired("Choose a name.")],
        description="Lower-case letters, digits, dots and dashes, for example “ada.l”.",
        render_kw={"autocomplete": "username", "autocapitalize": "none"},
    )
    display_name = StringField("Name shown to others", [Length(max=200)], render_kw={"autocomplete": "name"})
    password = PasswordField(
        "Password", [InputRequired("Choose a password.")], description="At least 10 characters.", render_kw=NEW
    )
    repeat = PasswordField("Password again", [InputRequired("Repeat the password.")], render_kw=NEW)

    def validate_repeat(self, field: PasswordField) -> None:
        """Refuse a repetition that differs."""
        _same(self.password, field)


def _same(first: PasswordField, second: PasswordField) -> None:
    if first.data != second.data:
        raise ValidationError("This is not what you entered above.")


class ViewForm(BaseForm):
    """A name for what a list shows."""

    page = HiddenField()
    name = StringField("Name", [InputRequired("Enter a name.")], description="Such as: Failed since yesterday.")
    query = StringField("Filters and order", description="As in the address of the list, after the question mark.")
    pinned = BooleanField("Pin it", description="It stands beside the list instead of in its menu.")
    shared = BooleanField("Share it", description="Everyone of the realm finds it at the list and sees their own rows.")
    replaces = BooleanField("Replace the view of this name")
