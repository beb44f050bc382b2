"""Values as the change log keeps them: plain JSON, secrets hidden."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import Enum
from typing import Any

from sqlalchemy import inspect

SECRETS = frozenset({"password", "hash", "key_hash", "token_hash", "client_secret", "secret"})
HIDDEN = "(not shown)"
FieldChange = tuple[str, object, object]


def plain(value: object) -> object:
    """Return a value as JSON has it; NUL, which PostgreSQL cannot keep, becomes the replacement character."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)


def listed(fields: Iterable[FieldChange]) -> list[dict[str, object]]:
    """Return (field, old, new) triples as the log's objects; a secret shows only that it changed."""
    return [{"field": name, "old": shown(name, old), "new": shown(name, new)} for name, old, new in fields]


def shown(name: str, value: object) -> object:
    """Return the value of a field, or words in its place when it is a secret."""
    return HIDDEN if name in SECRETS and value is not None else plain(value)


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> list[FieldChange]:
    """Return what differs between two states as (field, old, new)."""
    return [(name, before.get(name), new) for name, new in after.items() if before.get(name) != new]


def whole(entity: Any) -> dict[str, object]:
    """Return every column of a row, so that the log suffices to rebuild it; secrets apart."""
    columns = inspect(entity).mapper.column_attrs
    return {column.key: shown(column.key, getattr(entity, column.key)) for column in columns}
