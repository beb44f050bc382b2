"""How something wrong with a request is told: in pydantic's shape for bodies, in a few words for the rest. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from app.refusal import Problem, Refused

SAID: Final = "said"
Wrong = dict[str, Any]


def wrong(loc: Sequence[str | int], msg: str, kind: str = "value_error") -> Wrong:
    """Return one thing that is wrong and where."""
    return {"loc": list(loc), "msg": msg, "type": kind}


def unfit(found: Iterable[Wrong]) -> Refused:
    """Return the refusal (422) of a body for these reasons."""
    listed = list(found)
    return Refused(Problem("unfit", listed[0]["msg"]), extra={SAID: listed})


def not_found(what: str) -> Refused:
    """Return the 404 of something by its name, such as ``Job``; that of another account is answered alike."""
    return Refused(Problem("missing", f"{what} not found"), status=404)
