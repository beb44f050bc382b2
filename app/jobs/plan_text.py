"""Values of a plan's step as one line of a form, and back: ``Score number %; Report link; Node text private``. Pure."""

from collections.abc import Iterable

from app.jobs.progress.plan import PlannedValue
from app.refusal import Problem, Refused

KINDS = ("text", "number", "link")
PRIVATE = "private"


def written(values: Iterable[PlannedValue]) -> str:
    """Return values as the line of a form; a name of several words stands in quotes."""
    return "; ".join(_written(value) for value in values)


def _written(value: PlannedValue) -> str:
    name = f'"{value.name}"' if " " in value.name or ";" in value.name else value.name
    words = [name, value.kind, value.units or "", PRIVATE if value.private else ""]
    return " ".join(word for word in words if word)


def read(line: str, field: str) -> tuple[PlannedValue, ...]:
    """Return the values of a line: each a name, then its kind (text), its unit, and ``private``, apart by semicolons.

    Raises Refused 422 with the field.
    """
    return tuple(_value(part, field) for part in _parts(line) if part.strip())


def _parts(line: str) -> list[str]:
    """Return what stands between semicolons outside of quotes."""
    parts, is_quoted = [""], False
    for letter in line:
        is_quoted ^= letter == '"'
        if letter == ";" and not is_quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _value(part: str, field: str) -> PlannedValue:
    text = part.strip()
    if text.startswith('"'):
        name, quote, rest = text[1:].partition('"')
        if not quote:
            raise Refused(Problem("bad_values", f"A quotation mark is not closed in {text[:60]}.", field, text[:100]))
    else:
        name, _, rest = text.partition(" ")
    words = rest.split()
    private = PRIVATE in words[-1:]
    words = words[:-1] if private else words
    kind = words.pop(0) if words and words[0] in KINDS else KINDS[0]
    return PlannedValue(name, kind, " ".join(words) or None, private)
