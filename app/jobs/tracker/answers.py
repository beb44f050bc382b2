"""What both kinds of clients are answered: JSON with keys in their order, times to the microsecond."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from flask import Response, request

ROOT: Final = "/api/tracker"
# Other methods than those named are refused, also the one that asks for methods.
PLAIN: Final = {"provide_automatic_options": False}


@dataclass(frozen=True, slots=True)
class Nouns:
    """How a generation of clients calls a run and whom it is for."""

    run: Literal["job", "study"]
    customer: str

    @property
    def external_id(self) -> str:
        """Return what it calls the provider's own id of a run."""
        return f"provider_{self.run}_id"

    @property
    def name(self) -> str:
        """Return what it calls the provider's own name of a run."""
        return f"provider_{self.run}_name"

    @property
    def customer_id(self) -> str:
        """Return what it calls the id of the customer."""
        return f"{self.customer}_id"

    @property
    def plan(self) -> str:
        """Return what it calls a plan."""
        return f"{self.run}_configuration"


JOB: Final = Nouns("job", "customer")
STUDY: Final = Nouns("study", "hospital")


def of_path() -> Nouns:
    """Return the nouns in which the path of the request speaks."""
    return STUDY if request.path.startswith((f"{ROOT}/stud",)) else JOB


def told(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return an answer in JSON; what is no Unicode text, in an echo of bad input, becomes question marks."""
    data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return Response(data, status, headers, content_type="application/json")


def moment(at: datetime | None) -> str | None:
    """Return a time as its clients read it: UTC, microseconds, ``+00:00``."""
    return None if at is None else at.isoformat(timespec="microseconds")
