"""What events tell beside their kind: JSON scalars, against what the plan says of them."""

import json
import math
from collections.abc import Mapping
from typing import Any

from app.jobs.progress.plan import PlannedStep, PlannedValue
from app.refusal import Problem, Refused

MOST_BYTES = 16 * 1024
CHECKS = ("off", "warn", "reject")


def checked(given: Mapping[str, Any] | None, step: PlannedStep | None, check: str | None) -> tuple[str | None, bool]:
    """Return metadata as JSON text with order and types kept, and whether some of it does not fit the plan.

    Raises Refused 422 (field ``metadata``): a value that is no scalar, more than 16 KiB; what does not fit where the
    job says ``reject``.
    """
    if not given:
        return None, False
    for name, value in given.items():
        if value is None or not isinstance(value, str | int | float) or _is_odd(value):
            words = f"{name[:100]} must be a text, a number, true or false."
            raise Refused(Problem("not_scalar", words, f"metadata/{name[:100]}"))
    text = json.dumps(given, ensure_ascii=False)
    if (not text.isascii() and _has_surrogates(text)) or len(text.encode()) > MOST_BYTES:
        words = f"Metadata is Unicode text of at most {MOST_BYTES:,} bytes."
        raise Refused(Problem("too_large", words, "metadata"))
    if step is None or check == "off":
        return text, False
    wrong = misfits(given, step)
    if wrong and check == "reject":
        raise Refused(*(Problem("misfit", words, f"metadata/{name[:100]}") for name, words in wrong.items()))
    return text, bool(wrong)


def misfits(given: Mapping[str, Any], step: PlannedStep) -> dict[str, str]:
    """Return name -> what is wrong for the values that are not as the plan says."""
    planned = {value.name: value for value in step.metadata}
    found = {name: _misfit(value, planned.get(name)) for name, value in given.items()}
    return {name: words for name, words in found.items() if words}


def _misfit(value: object, planned: PlannedValue | None) -> str:
    if planned is None:
        return "The plan knows no value of this name."
    if planned.kind == "number" and not _is_number(value):
        return "The plan says this is a number."
    if planned.kind == "link" and not (isinstance(value, str) and value.lower().startswith(("http://", "https://"))):
        return "The plan says this is a link: http or https."
    return ""


def _is_number(value: object) -> bool:
    if isinstance(value, bool):
        return False
    try:
        return math.isfinite(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False


def _is_odd(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
