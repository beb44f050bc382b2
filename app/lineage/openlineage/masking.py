"""Secrets out of events: decoded JSON, URIs and plain text, before anything is written (specification 3.11).

Masked are

- the scalar value of a member whose key holds one of the words below, so ``tokens_total: 5`` is masked too;
- ``value`` beside such a ``name`` or ``key`` (``{"name": "DB_PASSWORD", "value": "x"}``);
- ``k=v`` with such a k inside text, and ``"k": "v"`` in text that holds JSON or a printed dictionary;
- the password in the user information of any URI, which becomes ``***``.

Names are not secrets: schema fields, columns and keys of objects stay, and so does SQL (``sql.query`` and a text called
``sql``). An object or a list under a secret key is walked, not replaced.
"""

import re
from functools import lru_cache
from typing import Any, Final, cast

MASKED: Final = "[masked]"
_CACHED_LENGTH = 128  # longer keys are rare and would fill the memory

_WORDS = (
    "password|passwd|pwd|passphrase|secret|token|credential|"
    "api[-._]?key|access[-._]?key|private[-._]?key"  # without a separator: accessKey, privateKey
)
_SECRET = re.compile(f"(?ai:{_WORDS})")
# Each begins with one rare letter, which the engine looks for ten times faster than for several.
_WORDS_IN_P = re.compile(rb"p(?:assw|wd|assphrase)")
_WORDS_IN_C = re.compile(rb"c(?:redential|ret(?<=secret))")
_WORDS_IN_K = re.compile(
    rb"k(?:(?<=tok)en|ey(?:(?<=api.key)|(?<=apikey)|(?<=cess.key)|(?<=cesskey)|(?<=vate.key)|(?<=vatekey)))"
)

# Every scan below ends at the start of the next possible match, so the time is linear in the text.
# (?>...) and not (...)*+ around alternatives: before 3.11.5 Python loses matches of the latter.
_USER_INFO = r":\\?/\\?/[^\s/?#:@]*+:(?>(?:[^\s@:]|:(?!//))*)(?>(?:@(?>(?:[^\s/?#@:]|:(?!//))*)(?=@))*)@"
_URI = re.compile(_USER_INFO)
_URI_BYTES = re.compile(_USER_INFO.encode())
_URI_PARTS = re.compile(r"(:\\?/\\?/[^:@]*:)(.*)@", re.DOTALL)

_NAME = rf"(?<![\w.\-])(?=[\w.\-]*(?ai:{_WORDS}))[\w.\-]++"
_PAIR = re.compile(rf"""({_NAME}[ \t]*+=[ \t]*+)(?!=|\[masked\])(?:"[^"]+"|'[^']+'|[^\s,;&]+)""")
_LONE_PAIR = re.compile(rf"(\s*{_NAME}\s*+=)(?!=)(?!.*[\s,;&][\w.\-]+=)(.+)", re.DOTALL)
_VALUE = r""""(?>(?:[^"\\]|\\.)*)"?|'(?>(?:[^'\\]|\\.)*)'?|(\\+["'])[^"']*+["']?|[^\s,}\]"'\\{\[]++"""
_MEMBER = re.compile(rf"""(["']([^"'\\]*+)\\*+["']\s*+:\s*+)({_VALUE})""", re.DOTALL)
_FLAT_OBJECT = re.compile(r"\{[^{}]*+")
_LABEL = re.compile(r"""["'](?:name|key)\\*["']\s*:\s*\\*["']([^"']*)""")
_BESIDE = re.compile(rf"""(["']value\\*["']\s*+:\s*+)({_VALUE})""", re.DOTALL)
_ESCAPED = re.compile(r"\\u00([2-7][0-9a-fA-F])")


def may_hold_secrets(raw: bytes) -> bool:
    r"""Return False only if ``mask`` would leave the JSON text as it is; costs some microseconds per KiB.

    ASCII written as ``\u00..`` could be any word.
    """
    if b"\\" in raw and b"\\u00" in raw:
        return True
    return _mentions(raw.lower()) or (b"@" in raw and _URI_BYTES.search(raw) is not None)


def mask(value: object) -> object:
    """Return the decoded JSON with secrets replaced; the very same object if it holds none."""
    return _walk(value, "")


def mask_uri(text: str) -> str:
    """Return the text with the password of each URI's user information replaced by ``***``."""
    return _URI.sub(_without_password, text) if "@" in text else text


def mask_text(text: str) -> str:
    r"""Return text of any kind (a log line, a body that is no JSON) without its secrets; itself if it has none.

    Letters written as ``\u00..`` are read first, so that an escaped key hides nothing.
    """
    if "\\u00" in text:
        text = _ESCAPED.sub(_unescaped, text)
    return _mask_string(text)


def _unescaped(found: re.Match[str]) -> str:
    letter = chr(int(found[1], 16))
    return letter if letter.isalnum() or letter in "_-.:/=@" else found[0]


def _mentions(lowered: bytes) -> bool:
    """Return True if one of the words may be in the lower-case text."""
    found = _WORDS_IN_K.search(lowered) or _WORDS_IN_C.search(lowered) or _WORDS_IN_P.search(lowered)
    return found is not None


@lru_cache(maxsize=4096)
def _is_secret(key: str) -> bool:
    return _SECRET.search(key) is not None


def _walk(value: object, parent: str) -> object:
    kind = type(value)
    if kind is dict:
        return _walk_object(cast("dict[str, Any]", value), parent)
    if kind is list:
        return _walk_list(cast("list[Any]", value), parent)
    return _mask_string(cast("str", value)) if kind is str else value


def _walk_object(value: dict[str, Any], parent: str) -> dict[str, Any]:
    masked: dict[str, Any] | None = None
    for key, item in value.items():
        new = _member(value, parent, key, item)
        if new is not item:
            masked = masked or dict(value)
            masked[key] = new
    found = value if masked is None else masked
    if any("@" in key and mask_uri(key) is not key for key in value):
        return {mask_uri(key): item for key, item in found.items()}
    return found


def _member(value: dict[str, Any], parent: str, key: str, item: object) -> object:
    """Return what the member becomes; ``parent`` is the key of the object, or of the list the object stands in."""
    if isinstance(item, (dict, list)):
        return _walk(item, key)
    if item is None or item == MASKED or _is_name_or_sql(parent, key):
        return item
    if (_is_secret(key) if len(key) <= _CACHED_LENGTH else _SECRET.search(key)) or (
        key == "value" and _labels_a_secret(value)
    ):
        return MASKED
    return _mask_string(item) if isinstance(item, str) else item


def _is_name_or_sql(parent: str, key: str) -> bool:
    return (
        (key == "name" and parent == "fields")
        or key in {"field", "column", "sql"}
        or (key == "query" and parent == "sql")
    )


def _labels_a_secret(value: dict[str, Any]) -> bool:
    return any(isinstance(label, str) and _is_secret(label) for label in (value.get("name"), value.get("key")))


def _walk_list(value: list[Any], parent: str) -> list[Any]:
    masked: list[Any] | None = None
    for index, item in enumerate(value):
        new = _entry(item) if isinstance(item, str) else _walk(item, parent)
        if new is not item:
            masked = masked or list(value)
            masked[index] = new
    return value if masked is None else masked


def _entry(text: str) -> str:
    """Mask a text of a list; one that is a single ``k=v`` may have blanks and commas in its value."""
    lone = _LONE_PAIR.fullmatch(text) if "=" in text else None
    return lone[1] + MASKED if lone and lone[2] != MASKED else _mask_string(text)


def _mask_string(text: str) -> str:
    """Return the same object when nothing is masked."""
    masked = mask_uri(text)
    has_pair, has_member = "=" in text, ":" in text and ('"' in text or "'" in text)
    if (has_pair or has_member) and _mentions(text.encode("utf-8", "surrogatepass").lower()):
        if has_member:
            masked = _MEMBER.sub(_without_value, masked)
            masked = _FLAT_OBJECT.sub(_without_value_beside, masked)
        if has_pair:
            masked = _PAIR.sub(rf"\1{MASKED}", masked)
    return text if masked == text else masked


def _without_password(found: re.Match[str]) -> str:
    parts = _URI_PARTS.fullmatch(found[0])
    if parts is None or not parts[2]:
        return found[0]
    port = re.match(r"\d*(?=[/?#])", parts[2])
    return found[0] if port else f"{parts[1]}***@"


def _hidden(value: str, escape: str | None) -> str:
    quote = escape or (value[0] if value[0] in "\"'" else '"')
    return f"{quote}{MASKED}{quote}"


def _without_value(found: re.Match[str]) -> str:
    if not _is_secret(found[2]) or found[3] == "null":
        return found[0]
    return found[1] + _hidden(found[3], found[4])


def _without_value_beside(found: re.Match[str]) -> str:
    if any(_SECRET.search(label) for label in _LABEL.findall(found[0])):
        return _BESIDE.sub(lambda member: member[1] + _hidden(member[2], member[3]), found[0])
    return found[0]
