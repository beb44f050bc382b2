"""Why an event is refused."""

from typing import Self

from app.refusal import Problem


class BadEvent(Exception):  # noqa: N818 - named as the specification does
    """An event that cannot be taken; ``problems`` are in the order of the document, ``field`` is a JSON path."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].detail)
        self.problems = problems

    @classmethod
    def one(cls, code: str, path: str, detail: str) -> Self:
        """Return a refusal for a single reason."""
        return cls([Problem(code, detail, path)])

    @property
    def code(self) -> str:
        """Return the code of the first problem."""
        return self.problems[0].code

    @property
    def path(self) -> str:
        """Return the JSON path of the first problem."""
        return self.problems[0].field or "$"
