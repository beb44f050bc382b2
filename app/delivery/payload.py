"""What is said about a change."""

import json
from collections.abc import Mapping
from typing import Any

LARGEST = 65_536
HIDDEN = "[redacted]"


def body(message: Mapping[str, Any]) -> bytes:
    """Return the message as compact JSON of at most 64 KiB; changes that would not fit are left out and said so."""
    whole = _compact(message)
    if len(whole) <= LARGEST:
        return whole
    kept: list[Any] = []
    shell = {**message, "data": {**message["data"], "changes": [], "truncated": True}}
    room = LARGEST - len(_compact(shell))
    for change in message["data"]["changes"]:
        room -= len(_compact(change)) + 1
        if room < 0:
            break
        kept.append(change)
    shell["data"]["changes"] = kept
    return _compact(shell)


def redacted(text: str, secrets: list[str]) -> str:
    """Return the text as logs keep it: without the secrets, however they are spelled in JSON."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN).replace(_compact(secret).decode()[1:-1], HIDDEN)
    return text


def _compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
