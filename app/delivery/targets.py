"""Where a hook sends: read and checked when it is saved."""

import re
from collections.abc import Mapping
from typing import Any

from app.config import Settings
from app.delivery import places
from app.delivery.addresses import Blocked, place_of, resolved
from app.refusal import Problem

METHODS = ("POST", "PUT")
MOST_HEADERS, LONGEST_TEXT, MOST_PEOPLE = 10, 65_536, 50
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
KEPT = re.compile(r"(?i)host|authorization|connection|expect|content-.*|transfer-.*|webhook-.*|te|trailer|upgrade")
LINE = re.compile(r"[\x00-\x1f\x7f]")
MAIL = re.compile(r"[^@\s<>,;\"\x00-\x1f]{1,64}@[A-Za-z0-9.-]{1,255}")
JSON = "application/json"
WEBHOOK = ("type", "url", "method", "headers", "credential", "body", "template", "content_type", "callback")
EMAIL = ("type", "to", "subject", "text")
NO_MAIL = "No mail is sent here: HEADWATER_SMTP_URL and HEADWATER_MAIL_FROM are not set."
SUBJECT = "{{type}}: {{entity_label}}"
TEXT = "{{type}}\n\n{{entity_kind}} {{entity_label}}\nby {{actor}} at {{timestamp}}\n\n{{entity_url}}\n"


class Reader:
    """Reads one target and gathers what is wrong with it; ``credential`` is kept apart, None leaves the known one."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.problems: list[Problem] = []
        self.credential: str | None = None

    def read(self, raw: object) -> dict[str, Any]:
        """Return the target as it is kept, without its credential."""
        if not isinstance(raw, dict):
            return self._no("bad_target", "A target is an object with “type”.", "")
        kind = raw.get("type")
        if kind not in ("webhook", "email"):
            return self._no("unknown_type", "Use “webhook” or “email”.", "/type")
        known = WEBHOOK if kind == "webhook" else EMAIL
        for name in raw:
            if name not in known:
                self._no("unknown_member", f"A target of type {kind} knows no “{name[:80]}”.", f"/{name[:80]}")
        return self._webhook(raw) if kind == "webhook" else self._email(raw)

    def _webhook(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        method, body = raw.get("method", "POST"), raw.get("body", "basic")
        if method not in METHODS:
            self._no("bad_method", "Use POST or PUT.", "/method")
        if body not in ("basic", "custom"):
            self._no("bad_body", "Use “basic” or “custom”.", "/body")
        if not isinstance(raw.get("callback", False), bool):
            self._no("bad_value", "Use true or false.", "/callback")
        self._credential(raw.get("credential"))
        kept = {"type": "webhook", "url": self._url(raw.get("url")), "method": method, "body": body}
        kept |= {"headers": self._headers(raw.get("headers", {})), "callback": raw.get("callback", False)}
        return kept | self._custom(raw) if body == "custom" else kept

    def _url(self, url: object) -> str:
        if not isinstance(url, str) or not url or len(url) > 2_000:  # noqa: PLR2004 - what most receivers take
            self._no("required", "Enter the URL to send to, at most 2,000 characters.", "/url")
            return ""
        try:
            resolved(place_of(url, self.settings), self.settings)
        except Blocked as error:
            self._no(error.code, str(error), "/url")
        except OSError:
            pass  # A receiver that cannot be found now may be there when something is sent.
        return url

    def _headers(self, raw: object) -> dict[str, str]:
        if not isinstance(raw, dict) or len(raw) > MOST_HEADERS:
            self._no("bad_headers", f"Headers are an object of at most {MOST_HEADERS}.", "/headers")
            return {}
        for name, value in raw.items():
            here = f"/headers/{name[:80]}"
            if not TOKEN.fullmatch(name) or not isinstance(value, str) or LINE.search(value) or not value.isascii():
                self._no("bad_header", "A header is a name and one line of plain text.", here)
            elif KEPT.fullmatch(name):
                self._no("kept_header", f"{name} is set by Headwater and cannot be chosen.", here)
        return dict(raw)

    def _credential(self, raw: object) -> None:
        if raw is None or raw == "":
            self.credential = raw
        elif not isinstance(raw, str) or LINE.search(raw) or not raw.isascii() or len(raw) > 2_000:  # noqa: PLR2004
            self._no("bad_credential", "A credential is one line of plain text.", "/credential")
        else:
            self.credential = raw

    def _custom(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        kind, template = raw.get("content_type", JSON), raw.get("template")
        if not isinstance(kind, str) or not re.fullmatch(r"[\w.+-]+/[\w.+-]+(; ?charset=utf-8)?", kind, re.ASCII):
            self._no("bad_type", "Use a media type such as application/json.", "/content_type")
            kind = JSON
        text = self._template(template, "/template", LONGEST_TEXT)
        wrong = places.breaks_json(text) if text and places.is_json(kind) and not places.unknown(text) else None
        if wrong:
            self._no("bad_json", f"With its places filled in this is no JSON: {wrong}.", "/template")
        return {"template": text, "content_type": kind}

    def _email(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        if not self.settings.smtp_url or not self.settings.mail_from:
            self._no("no_mail", NO_MAIL, "/type")
        subject = self._template(raw.get("subject", SUBJECT), "/subject", 500)
        if LINE.search(subject):
            self._no("line_break", "A subject is one line.", "/subject")
        text = self._template(raw.get("text", TEXT), "/text", LONGEST_TEXT)
        return {"type": "email", "to": self._people(raw.get("to")), "subject": subject, "text": text}

    def _people(self, raw: object) -> list[str]:
        """Read recipients: names of users, ``@`` and a capability, or addresses of allowed domains."""
        if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_PEOPLE or any(type(one) is not str for one in raw):
            self._no("required", f"Say who gets it: 1 to {MOST_PEOPLE} users, @capabilities or addresses.", "/to")
            return []
        domains = {part.strip().lower() for part in self.settings.mail_domains.split(",") if part.strip()}
        for index, one in enumerate(raw):
            if LINE.search(one) or not one.strip():
                self._no("line_break", "A recipient is one line.", f"/to/{index}")
            elif "@" in one[1:] and not (MAIL.fullmatch(one) and one.rpartition("@")[2].lower() in domains):
                allowed = ", ".join(sorted(domains)) or "none: HEADWATER_MAIL_DOMAINS is not set"
                self._no("bad_address", f"Addresses of these domains are allowed: {allowed}.", f"/to/{index}")
        return [one.strip() for one in raw]

    def _template(self, raw: object, here: str, longest: int) -> str:
        if not isinstance(raw, str) or not raw.strip() or len(raw) > longest:
            self._no("required", f"Enter a text of at most {longest:,} characters.", here)
            return ""
        for name in places.unknown(raw):
            self._no("unknown_place", f"There is no place {{{{{name[:80]}}}}}. Known: {', '.join(places.NAMES)}.", here)
        return raw

    def _no(self, code: str, detail: str, here: str) -> dict[str, Any]:
        self.problems.append(Problem(code, detail, f"/hook{here}"))
        return {}
