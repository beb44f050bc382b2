"""Values of the graph: what a viewer asked, and the part of the graph that answers it. Pure: no database, no Flask."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

KINDS: Final = ("dataset", "job", "run", "operation", "location", "storage")
# The strongest first.
EVIDENCE: Final = ("explicit", "column", "operation", "declared", "possible", "renamed", "control")
SHOWN: Final = frozenset(EVIDENCE) - {"control"}
STRONG: Final = frozenset(("explicit", "column"))
MOST_NODES: Final = 250
MOST_EDGES: Final = 800


class Token(NamedTuple):
    """A node as URLs name it: ``dataset:17``, ``job:5``, ``run:<uuid>``; also ``group:<digest>`` of a drawn group."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Question:
    """Every parameter of the graph page, read and checked; ``as_of`` is a moment, None means now.

    ``against`` is another moment the picture is compared with. ``opened`` are nodes opened one by one, each (token,
    ``up`` or ``down``).
    """

    start: tuple[Token, ...]
    direction: str = "both"
    depth: int = 1
    jobs: str = "job"
    data: str = "dataset"
    fold: str = "auto"
    view: str = "current"
    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    evidence: frozenset[str] = SHOWN
    noise: bool = False
    group: bool = True
    column: str | None = None
    select: Token | None = None
    opened: tuple[tuple[Token, str], ...] = ()
    hide: frozenset[Token] = frozenset()
    max: int = 100
    against: datetime | None = None


@dataclass(slots=True)
class Node:
    """A drawn box.

    ``distance`` is signed: upstream negative, start 0. ``hidden_up`` and ``hidden_down`` are the neighbours not drawn
    under the present filters, which opening that side adds.

    In the difference of two days ``change`` is came, went or changed, and ``was`` the state before.

    ``kind``: dataset, job, run, operation, group (datasets that differ only in what a rule matches; ``names`` lists
    them) or stub ("120 more": ``hidden_up``/``hidden_down`` counts them, ``of`` is the node it hangs on).
    ``entity_id`` is the id its page takes. ``state``: status of the last run as of the moment asked. ``last_at``:
    last activity. ``marks``: reads_and_writes, streaming, dropped, archived, referenced, masked ...
    """

    token: Token
    kind: str
    entity_id: str
    namespace: str
    name: str
    label: str
    distance: int
    place: str = ""
    platform: str = ""
    type: str | None = None
    state: str | None = None
    last_at: datetime | None = None
    is_late: bool = False
    quality: str = "unknown"
    runs: int | None = None
    marks: frozenset[str] = frozenset()
    names: list[tuple[str, str]] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    hidden_up: int = 0
    hidden_down: int = 0
    columns: list["Column"] = field(default_factory=list)
    columns_in_all: int = 0
    of: Token | None = None
    change: str = ""
    was: str | None = None

    @property
    def called(self) -> str:
        """Return the name as pages show it: whole; of what stands for several its label."""
        return self.label if self.kind in {"group", "stub"} else self.name or self.label


@dataclass(frozen=True, slots=True)
class Column:
    """A column listed in a dataset's box (data=column)."""

    name: str
    type: str | None = None
    in_schema: bool = True
    focused: bool = False


@dataclass(slots=True)
class Line:
    """A drawn edge in the direction data flows. Counters are None where nothing was reported; days are UTC."""

    source: Token
    target: Token
    evidence: str
    types: list[str] = field(default_factory=list)
    runs: int = 0
    rows: int | None = None
    bytes: int | None = None
    files: int | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    running_since: datetime | None = None
    condition: str | None = None
    change: str = ""


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A drawn column edge; a column of None means the box itself. ``kinds`` as reported, comma-joined."""

    source: Token
    source_column: str | None
    target: Token
    target_column: str | None
    kinds: str
    is_direct: bool
    is_masked: bool
    change: str = ""


@dataclass(slots=True)
class Subgraph:
    """The answer to a Question: each node once, each (source, target, evidence) once, in a stable order.

    ``omitted``: counts by reason (noise, evidence, max, hidden by the viewer). ``notes``: sentences for the viewer
    (why a start stands alone, that history begins later, that an answer is incomplete).
    """

    question: Question
    nodes: dict[Token, Node] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    column_lines: list[ColumnLine] = field(default_factory=list)
    omitted: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    truncated: bool = False
