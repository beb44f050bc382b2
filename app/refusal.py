"""How an action says no."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a machine-readable code, words for people, and where it is."""

    code: str
    detail: str
    field: str | None = None
    value: object = None


class Refused(Exception):  # noqa: N818 - an answer, not an error of the program
    """An action declines; nothing was written.

    ``status`` is the HTTP status the refusal maps to, ``extra`` goes into the problem document as it is.
    """

    def __init__(self, *problems: Problem, status: int = 422, extra: dict[str, Any] | None = None) -> None:
        super().__init__("; ".join(problem.detail for problem in problems))
        self.problems = problems
        self.status = status
        self.extra = extra or {}
