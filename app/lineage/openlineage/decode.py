"""From bytes to JSON values, forgiving what real producers send (spec 3.3, tolerance 18)."""

import hashlib
import json
import math
import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from app.lineage.openlineage.problem import BadEvent

MAX_DEPTH = 200
REPLACEMENT = "\ufffd"
_canonical = msgspec.json.Encoder(order="sorted")
_plain = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()
_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")
_DECODE_ERRORS = (msgspec.DecodeError, RecursionError, ValueError)


Found = TypeVar("Found")


class Facet(dict[str, Any]):
    """A facet that may come again in other events: what was found out about it is kept with it."""

    __slots__ = ("canonical", "compact", "known")

    def __init__(self, value: dict[str, Any]) -> None:
        super().__init__(value)
        self.canonical = msgspec.Raw(encode_sorted(value))
        self.compact = msgspec.Raw(_plain.encode(value))
        self.known: dict[Any, Any] = {}


def once(find: Callable[[dict[str, Any]], Found], facet: dict[str, Any]) -> Found:
    """Return what ``find`` finds out about a facet, which nobody may change; the same again from memory."""
    if not isinstance(facet, Facet):
        return find(facet)
    if find not in facet.known:
        facet.known[find] = find(facet)
    found: Found = facet.known[find]
    return found


def decode(raw: bytes, deepest: int = MAX_DEPTH) -> Any:
    """Return the JSON value of ``raw``; NaN and infinities become null, of doubled keys the last counts.

    Raises BadEvent: bad_encoding (not UTF-8), too_deep (over ``deepest`` levels), not_json.
    """
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if raw.count(b"[") + raw.count(b"{") > deepest:
        _check_depth(raw, deepest)
    try:
        return _decoder.decode(raw)
    except _DECODE_ERRORS:
        return _decode_slowly(raw)


def _decode_slowly(raw: bytes) -> Any:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise BadEvent.one("bad_encoding", "$", f"byte {error.start} is not UTF-8") from None
    try:
        value = json.loads(text, parse_constant=lambda _name: None)
    except RecursionError:
        raise BadEvent.one("too_deep", "$", f"nested more than {MAX_DEPTH} levels") from None
    except ValueError as error:
        where = f"line {error.lineno} column {error.colno}: " if isinstance(error, json.JSONDecodeError) else ""
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise BadEvent.one("not_json", "$", f"{where}{reason}" if raw.strip() else "the body is empty") from None
    return _without_infinity(value)


def _without_infinity(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_infinity(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_infinity(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _check_depth(raw: bytes, deepest: int) -> None:
    depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        if depth > deepest:
            raise BadEvent.one("too_deep", "$", f"nested more than {deepest} levels")


def canonical_digest(value: object) -> bytes:
    """Return SHA-256 over canonical JSON: keys sorted, no blanks (32 bytes)."""
    return hashlib.sha256(encode_sorted(value)).digest()


def encode_sorted(value: object) -> bytes:
    """Return JSON with sorted keys; lone surrogates are kept apart so that two texts never look equal."""
    try:
        return _canonical.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def encode(value: object) -> str:
    """Return compact JSON text with keys in the order given; the value holds no lone surrogates."""
    return _plain.encode(value).decode()


def short_digest(value: object) -> bytes:
    """Return 16 bytes that stand for a JSON value."""
    return hashlib.blake2b(encode_sorted(value), digest_size=16).digest()


def needs_cleaning(raw: bytes) -> bool:
    """Return whether an escape in ``raw`` may stand for NUL or a surrogate."""
    return b"\\u0000" in raw or b"\\ud" in raw or b"\\uD" in raw


def clean(value: Any) -> Any:
    """Return the value with NUL and lone surrogates replaced by U+FFFD, in keys as well."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(key): clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [clean(item) for item in value]
    return value


def clean_text(text: str) -> str:
    """Return the text with NUL and lone surrogates replaced by U+FFFD."""
    text = text.replace("\0", REPLACEMENT)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
