"""Which part of a dataset was touched, in words; from the subset facets of OpenLineage. Pure."""

import json
from collections.abc import Callable
from typing import Any

LONGEST = 300
SIGNS = {
    "EQUAL": "=", "NOT_EQUAL": "≠", "GREATER_THAN": ">", "GREATER_EQUAL_THAN": "≥",
    "LESS_THAN": "<", "LESS_EQUAL_THAN": "≤",
}  # fmt: skip


def words(text: str | None) -> str:
    """Return a stored subset facet in words: ``country = DE and day ≥ 2026-01-01``; empty when it says nothing."""
    try:
        found = json.loads(text) if text else None
    except ValueError:
        return ""
    if not isinstance(found, dict):
        return ""
    inner = found.get("inputCondition", found.get("outputCondition", found))
    return _say(inner)[:LONGEST] if isinstance(inner, dict) else ""


def _say(node: Any) -> str:
    kind = str(node.get("type", "")).lower() if isinstance(node, dict) else ""
    return SAYINGS[kind](node) if kind in SAYINGS else ""


def _location(node: dict[str, Any]) -> str:
    return "at " + ", ".join(map(str, _list(node.get("locations"))))


def _partitions(node: dict[str, Any]) -> str:
    return "partitions " + "; ".join(filter(None, map(_partition, _list(node.get("partitions")))))


def _binary(node: dict[str, Any]) -> str:
    joint = str(node.get("operator", "and")).lower()
    return f" {joint} ".join(filter(None, (_say(node.get("left")), _say(node.get("right")))))


def _compare(node: dict[str, Any]) -> str:
    sign = str(node.get("comparison", ""))
    return f"{_say(node.get('left'))} {SIGNS.get(sign, sign)} {_say(node.get('right'))}"


def _member(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda node: str(node.get(name, ""))


SAYINGS: dict[str, Callable[[dict[str, Any]], str]] = {
    "location": _location,
    "partition": _partitions,
    "binary": _binary,
    "compare": _compare,
    "field": _member("field"),
    "literal": _member("value"),
}


def _partition(node: Any) -> str:
    if not isinstance(node, dict):
        return ""
    sizes = node.get("dimensions")
    if isinstance(sizes, dict) and sizes:
        return ", ".join(f"{name}={value}" for name, value in sizes.items())
    return str(node.get("identifier", ""))


def _list(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []
