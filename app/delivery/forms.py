"""The form of a hook: text in, a draft out; what is refused comes back to the field it is about."""

import json
from typing import Any

from wtforms import (
    BooleanField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    URLField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.delivery.drafts import BOUNDS, HookDraft
from app.delivery.models import Hook
from app.delivery.targets import JSON, SUBJECT, TEXT
from app.refusal import Problem, Refused
from app.web.forms import BaseForm, choices

PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
# Pointers of the API whose last known part is not the name of the field.
FIELDS = {"/hook/type": "type", "/hook": "type", "/trigger/filters": "filters", "/trigger": "on"}


def _number(label: str, name: str, default: int, words: str) -> IntegerField:
    low, high = BOUNDS[name]
    return IntegerField(label, [NumberRange(low, high)], default=default, description=f"{words} {low:,} to {high:,}.")


class HookForm(BaseForm):
    """Which changes, where to, and how patiently."""

    name = StringField("Name", [InputRequired("Enter a name."), Length(max=511)], description="For example “to-ci”.")
    description = StringField("Description", [Length(max=1_023)])
    on = TextAreaField(
        "Changes",
        [InputRequired("Say which changes are sent.")],
        description="Verbs such as run.failed, run.*, *.late or * for all; one in a line or apart by commas.",
        render_kw={"rows": 3, **PLAIN},
    )
    label = StringField(
        "Only where the name matches",
        [Length(max=200)],
        description="A regular expression of RE2, found anywhere in the name of the thing, such as ^nightly.",
        render_kw=PLAIN,
    )
    actor = StringField("Only if made by", [Length(max=200)], description="The name of an account.", render_kw=PLAIN)
    filters = TextAreaField(
        "Further filters",
        description='A list in JSON, such as [{"field": {"name": "status", "new": "failed"}}].',
        render_kw={"rows": 2, **PLAIN},
    )
    match = RadioField(
        "Of several filters",
        choices=choices([("all", "all have to fit"), ("any", "one is enough")]),
        default="all",
    )
    type = RadioField("Send it", choices=choices([("webhook", "to a URL"), ("email", "as mail")]), default="webhook")
    url = URLField("URL", [Length(max=2_000)], description="Where a POST or PUT goes to; https.", render_kw=PLAIN)
    method = SelectField("Method", choices=choices([("POST", "POST"), ("PUT", "PUT")]))
    headers = TextAreaField(
        "Further headers", description="Name: value, one in a line.", render_kw={"rows": 2, **PLAIN}
    )
    credential = PasswordField(
        "Bearer credential", description="Sent as Authorization, kept encrypted, never shown again. Empty keeps it.",
        render_kw={"autocomplete": "new-password"},
    )  # fmt: skip
    body = RadioField(
        "Body", choices=choices([("basic", "JSON with all about the change"), ("custom", "a text of your own")]),
        default="basic",
    )  # fmt: skip
    content_type = StringField("Content type", default=JSON, render_kw=PLAIN)
    template = TextAreaField(
        "Text", description="{{type}}, {{entity_label}}, {{entity_url}}, {{actor}} and others stand for values.",
        render_kw={"rows": 4, **PLAIN},
    )  # fmt: skip
    callback = BooleanField("Wait for a callback", description="The receiver tells the end with a token it is given.")
    to = TextAreaField(
        "To", description="Names of accounts, @jobs.read for all who hold it, or addresses; one in a line.",
        render_kw={"rows": 2, **PLAIN},
    )  # fmt: skip
    subject = StringField("Subject", [Length(max=500)], default=SUBJECT)
    text = TextAreaField("Text of the mail", default=TEXT, render_kw={"rows": 6})
    timeout = _number("Seconds a callback may take", "timeout", 3_600, "Then the delivery has failed.")
    max_attempts = _number("Attempts", "max_attempts", 10, "The last ones are hours apart.")
    concurrency = _number("At once", "concurrency", 4, "How many are sent beside each other.")
    request_timeout_s = _number("Seconds a request may take", "request_timeout_s", 15, "From connecting to the end.")
    ordered = BooleanField("In order", description="One at a time; later ones wait for those before.")
    owner = StringField("Owner", [Optional()], description="With whose rights it works.", render_kw=PLAIN)

    def draft(self) -> HookDraft:
        """Return what is asked for; raises Refused where text is no JSON."""
        return HookDraft(
            name=self.name.data or "",
            description=self.description.data or "",
            trigger={"on": _lines(self.on.data), "match": self.match.data, "filters": self._filters()},
            hook=self._email() if self.type.data == "email" else self._webhook(),
            ordered=bool(self.ordered.data),
            owner=self.owner.data or "",
            **{name: int(self[name].data or 0) for name in BOUNDS},  # type: ignore[arg-type]
        )

    def refuse(self, refusal: Refused) -> None:
        """Show each problem at the field its pointer leads to."""
        known = [Problem(each.code, each.detail, _field(each.field or ""), each.value) for each in refusal.problems]
        super().refuse(Refused(*known, status=refusal.status))

    def fill(self, hook: Hook) -> None:
        """Show a hook as it is; its credential is not."""
        trigger, target = hook.trigger, hook.target
        rest = [each for each in trigger["filters"] if "name" not in each and set(each.get("actor", ())) != {"user"}]
        named = {name: value for each in trigger["filters"] for name, value in each.items() if each not in rest}
        for name in ("name", "description", "ordered", *BOUNDS):
            self[name].data = getattr(hook, name)
        self.on.data, self.match.data = "\n".join(trigger["on"]), trigger["match"]
        self.label.data, self.actor.data = named.get("name", ""), named.get("actor", {}).get("user", "")
        self.filters.data = json.dumps(rest, ensure_ascii=False) if rest else ""
        self.owner.data = hook.owner.name
        for name in ("type", "url", "method", "body", "content_type", "template", "callback", "subject", "text"):
            if name in target:
                self[name].data = target[name]
        self.headers.data = "\n".join(f"{name}: {value}" for name, value in target.get("headers", {}).items())
        self.to.data = "\n".join(target.get("to", ()))

    def _filters(self) -> list[Any]:
        given: list[Any] = [{"name": self.label.data}] if self.label.data else []
        if self.actor.data:
            given.append({"actor": {"user": self.actor.data}})
        if not self.filters.data:
            return given
        try:
            more = json.loads(self.filters.data)
        except ValueError as error:
            raise Refused(Problem("bad_json", f"This is no JSON: {error}.", "/trigger/filters")) from None
        return given + (more if isinstance(more, list) else [more])

    def _webhook(self) -> dict[str, Any]:
        lines = [line.partition(":") for line in (self.headers.data or "").splitlines() if line.strip()]
        target: dict[str, Any] = {"type": "webhook", "url": self.url.data or "", "method": self.method.data}
        target |= {"headers": {name.strip(): value.strip() for name, _, value in lines}, "body": self.body.data}
        target |= {"callback": bool(self.callback.data), "credential": self.credential.data or None}
        if self.body.data == "custom":
            target |= {"template": self.template.data or "", "content_type": self.content_type.data or JSON}
        return target

    def _email(self) -> dict[str, Any]:
        return {
            "type": "email",
            "to": _lines(self.to.data),
            "subject": self.subject.data or "",
            "text": self.text.data or "",
        }


def _lines(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").replace(",", "\n").splitlines() if part.strip()]


def _field(pointer: str) -> str:
    for beginning, name in FIELDS.items():
        if pointer == beginning or (
            beginning != "/hook" and pointer.startswith(f"{beginning}/") and beginning != "/trigger"
        ):
            return name
    parts = pointer.strip("/").split("/")
    return parts[1] if len(parts) > 1 and parts[0] in ("hook", "trigger") else parts[0]
