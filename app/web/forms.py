"""Forms read and check text; what an action refuses comes back beside the field."""

from collections.abc import Iterable
from typing import Any

from wtforms import Form, PasswordField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from app.refusal import Refused


def _strip(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def choices(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    """Return (value, label) pairs as a select or checkbox field takes them."""
    return [SelectChoice(value, label) for value, label in pairs]


class BaseForm(Form):
    """Parent of every form; text is stripped, passwords are taken as typed."""

    class Meta:
        """How fields are bound."""

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Strip what people type around text."""
            kind = unbound_field.field_class
            if issubclass(kind, StringField) and not issubclass(kind, PasswordField):
                own = list(unbound_field.kwargs.get("filters", ()))
                options = {**options, "filters": [_strip, *own]}
                unbound_field.kwargs.pop("filters", None)
            return unbound_field.bind(form=form, **options)

    def refuse(self, refusal: Refused) -> None:
        """Show each problem of a refusal at its field, or above the form when it has none."""
        named = {field.name: field for field in self}
        for problem in refusal.problems:
            field = named.get(problem.field or "")
            if field is None:
                self.form_errors.append(problem.detail)
            else:
                field.errors = [*field.errors, problem.detail]
