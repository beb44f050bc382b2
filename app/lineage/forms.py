"""Forms of lineage; they read and check text and know no database."""

from typing import Any, Final

from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional

from app.web.forms import BaseForm, choices

MOST_DAYS: Final = 36_500
MOST_RUNS: Final = 10_000
UNITS: Final = {"60": "minutes", "3600": "hours", "86400": "days"}


class ExpectationForm(BaseForm):
    """How often, by when and with how many rows a dataset is written."""

    every_s = IntegerField("A write every", [Optional()], render_kw={"inputmode": "numeric", "min": "1"})
    unit = SelectField("Unit", choices=choices(UNITS.items()), default="3600")
    by = StringField("By", [Optional()], description="A time of day such as 06:30.", render_kw={"placeholder": "06:30"})
    zone = StringField(
        "In the time zone", [Optional()], description="Such as Europe/Berlin; UTC when empty.",
        render_kw={"placeholder": "UTC", "autocomplete": "off"},
    )  # fmt: skip
    min_rows = IntegerField(
        "Rows at least", [Optional()], description="A write with fewer is flagged.",
        render_kw={"inputmode": "numeric", "min": "1"},
    )  # fmt: skip

    @property
    def seconds(self) -> int | None:
        """Return how often in seconds, None when it says nothing of that."""
        return self.every_s.data * int(self.unit.data or 60) if self.every_s.data is not None else None

    @classmethod
    def showing(cls, row: Any) -> "ExpectationForm":
        """Return the form filled with an Expectation, in the largest unit that gives whole numbers; empty for None."""
        if row is None:
            return cls(unit="3600")
        if row.every_s is None:
            return cls(unit="3600", by=row.by, zone=row.zone, min_rows=row.min_rows)
        unit = next((size for size in (86_400, 3600, 60) if row.every_s % size == 0), 60)
        every = max(1, row.every_s // unit)
        return cls(every_s=every, unit=str(unit), by=row.by, zone=row.zone, min_rows=row.min_rows)


class KeepingForm(BaseForm):
    """For how long a realm keeps what grows; field names stand for settings in ``SETTINGS``."""

    events = IntegerField("Days of events", [InputRequired("Enter a number."), NumberRange(1, MOST_DAYS)])
    runs = IntegerField("Days of runs", [InputRequired("Enter a number."), NumberRange(1, MOST_DAYS)])
    newest = IntegerField("Runs of each job", [InputRequired("Enter a number."), NumberRange(1, MOST_RUNS)])
    edges = IntegerField("Days of edges", [InputRequired("Enter a number."), NumberRange(1, MOST_DAYS)])

    SETTINGS: Final = {
        "events": "LINEAGE_RAW_DAYS", "runs": "LINEAGE_RUN_DAYS", "newest": "LINEAGE_RUN_COUNT", "edges": "EDGE_DAYS",
    }  # fmt: skip

    @property
    def wanted(self) -> dict[str, int]:
        """Return the numbers by the names of their settings."""
        return {setting: int(self[name].data or 0) for name, setting in self.SETTINGS.items()}


class NameForm(BaseForm):
    """Which name is the canonical one; empty lets the rule choose."""

    name = RadioField("Shown name", validate_choice=False, coerce=str, default="", id="shown-name")
