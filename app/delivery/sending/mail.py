"""Mail over SMTP: plain text with a plain HTML part, nothing loaded from elsewhere."""

import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from urllib.parse import unquote, urlsplit

from markupsafe import escape

from app.config import Settings
from app.delivery.sending.answer import Answer

PORTS = {"smtp": 25, "smtps": 465}
LINK = re.compile(r"https?://[^\s<>\"]+")
BREAKS = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that is ready; ``message_id`` stays the same over attempts, so that a second copy can be known."""

    to: Sequence[str]
    subject: str
    text: str
    message_id: str
    seconds: float


def composed(mail: Mail, sender: str) -> EmailMessage:
    """Return the message; line breaks in the subject, which would begin another header, become blanks."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(mail.to)
    message["Subject"] = BREAKS.sub(" ", mail.subject).strip()[:500]
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{mail.message_id}@{parseaddr(sender)[1].rpartition('@')[2] or 'headwater'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(_html(mail.text), subtype="html")
    return message


def send(mail: Mail, settings: Settings) -> Answer:
    """Send and return how it went; never raises for what a server does."""
    if not settings.smtp_url or not settings.mail_from:
        return Answer(error="No mail is sent here: HEADWATER_SMTP_URL and HEADWATER_MAIL_FROM are not set.")
    if not mail.to:
        return Answer(error="Nobody it is for has an address.", fatal="no_recipient")
    try:
        message = composed(mail, settings.mail_from)
        server = _connected(settings.smtp_url, mail.seconds)
        try:
            refused = server.send_message(message)
        finally:
            server.close()
    except smtplib.SMTPRecipientsRefused as error:
        return Answer(_code(error), f"no recipient was taken: {', '.join(error.recipients)}"[:500])
    except smtplib.SMTPResponseException as error:
        return Answer(int(error.smtp_code), f"SMTP {error.smtp_code} {_words(error.smtp_error)}"[:500])
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return Answer(error=f"{type(error).__name__}: {error}"[:500])
    return Answer(250, body=f"not taken for: {', '.join(refused)}" if refused else "taken by the mail server")


def _connected(url: str, seconds: float) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=seconds, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, port, timeout=seconds)
        if server.has_extn("starttls") or (server.ehlo() and server.has_extn("starttls")):
            server.starttls(context=ssl.create_default_context())
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


def _html(text: str) -> str:
    """Return the text as paragraphs, its links as links."""
    parts = []
    for block in re.split(r"\n{2,}", text.strip()):
        lines = [LINK.sub(r'<a href="\g<0>">\g<0></a>', str(escape(line))) for line in block.split("\n")]
        parts.append(f"<p>{'<br>'.join(lines)}</p>")
    return f"<!doctype html><html><body>{chr(10).join(parts)}</body></html>"


def _code(error: smtplib.SMTPRecipientsRefused) -> int | None:
    codes = [code for code, _ in error.recipients.values()]
    return codes[0] if codes else None


def _words(text: object) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)
