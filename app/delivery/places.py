"""Bodies written by people: ``{{name}}`` stands for a value."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
NAMES = (
    "delivery_id", "hook_id", "type", "timestamp", "seq", "realm", "entity_kind", "entity_id", "entity_label",
    "entity_url", "actor", "changes", "callback_url", "callback_token",
)  # fmt: skip


def unknown(text: str) -> list[str]:
    """Return the names in the text that stand for nothing, each once."""
    return [name for name in dict.fromkeys(PLACE.findall(text)) if name not in NAMES]


def filled(text: str, values: Mapping[str, str], *, as_json: bool = False) -> str:
    """Return the text with every place replaced in one pass; ``as_json`` escapes values for a JSON string."""
    put: Callable[[str], str] = _escaped if as_json else str
    return PLACE.sub(lambda place: put(values.get(place[1], "")), text)


def values(data: Mapping[str, Any], delivery_id: str, hook_id: str) -> dict[str, str]:
    """Return what the places stand for, from the message as ``payload.message`` makes it."""
    about, entity = data["data"], data["data"]["entity"]
    callback = about.get("callback") or {}
    return {
        "delivery_id": delivery_id,
        "hook_id": hook_id,
        "type": data["type"],
        "timestamp": data["timestamp"],
        "seq": "" if about["seq"] is None else str(about["seq"]),
        "realm": about["realm"],
        "entity_kind": entity["kind"],
        "entity_id": entity["id"],
        "entity_label": entity["label"],
        "entity_url": entity["url"] or "",
        "actor": about["actor"]["label"],
        "changes": json.dumps(about["changes"], ensure_ascii=False, separators=(",", ":")),
        "callback_url": callback.get("url", ""),
        "callback_token": callback.get("token", ""),
    }


def is_json(content_type: str) -> bool:
    """Return whether bodies of the type are JSON."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def breaks_json(text: str) -> str | None:
    """Return why the text, its places filled with quotes and figures, is no JSON; None when it is."""
    try:
        json.loads(filled(text, dict.fromkeys(NAMES, "1"), as_json=True))
        json.loads(filled(text, dict.fromkeys(NAMES, "1") | {"entity_label": 'a "b"', "type": "a.b"}, as_json=True))
    except ValueError as error:
        return str(error)
    return None


def _escaped(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]
