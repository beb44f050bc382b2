"""What a box says besides its name: its second line, its marks, its state, its whole title. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from app.lineage.graph.draw.text import clean
from app.lineage.graph.model import Node

STATES: Final = {
    "queued": ("waiting", "circle-dashed"),
    "running": ("running", "loader-circle"),
    "completed": ("ok", "circle-check"),
    "failed": ("bad", "circle-x"),
    "cancelled": ("off", "circle-slash"),
    "unknown": ("neutral", "circle-question-mark"),
}
QUALITY: Final = {"error": ("bad", "octagon-x"), "warn": ("warn", "triangle-alert")}
MARKS: Final = {
    "reads_and_writes": ("neutral", "refresh-cw", "reads and writes it"),
    "streaming": ("running", "radio", "streaming"),
    "dropped": ("off", "trash-2", "dropped"),
    "archived": ("off", "archive", "archived"),
    "no_source": ("neutral", "circle-slash", "known to have no source"),
    "masked": ("neutral", "lock", "masked"),
}
KINDS: Final = {"group": "group of datasets", "stub": "more"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A small sign in a box; ``css`` is a token of state, ``x`` where it stands."""

    css: str
    icon: str
    x: int = 0


def short(node: Node) -> str:
    """Return the name to draw."""
    return node.label or node.name or "(no name)"


def under(node: Node) -> tuple[str, str]:
    """Return the second line in two parts: what the name leaves out, or how many runs there were, and where it is."""
    place = node.place or node.platform or node.namespace or node.kind
    if node.kind == "job" and node.runs:
        return f"{node.runs:,} {'run' if node.runs == 1 else 'runs'}", place
    before = node.name.removesuffix(node.label) if node.kind == "dataset" and node.label else ""
    return (before.rstrip("./:"), place) if before != node.name else ("", place)


def tone(node: Node) -> str:
    """Return the token that colours the border: only what needs attention has one."""
    if node.quality == "error" or node.state == "failed":
        return "bad"
    if node.is_late or node.quality == "warn":
        return "warn"
    return "running" if node.state == "running" else ""


def marks(node: Node) -> list[Mark]:
    """Return the signs of a box: what it is, lateness, checks, and the state of the last run at the end."""
    found = [Mark(MARKS[name][0], MARKS[name][1]) for name in MARKS if name in node.marks]
    found += [Mark("warn", "alarm-clock")] if node.is_late else []
    found += [Mark(*QUALITY[node.quality])] if node.quality in QUALITY else []
    return found + ([Mark(*STATES[node.state])] if node.state in STATES and node.kind != "stub" else [])


def title(node: Node) -> str:
    """Return everything in words, one fact a line."""
    if node.kind == "stub":
        return f"{clean(node.label)}: not drawn"
    kind = KINDS.get(node.kind, node.kind)
    said = [f"{kind} {clean(node.name or node.label)}", clean(node.namespace), ", ".join(_states(node))]
    said += [f"last activity {stamp(node.last_at)}"] if node.last_at else []
    said += [f"also called {clean(name, 80)}" for _, name in node.names[1:4]] if node.kind == "dataset" else []
    said += [f"{node.change}{f', was {node.was}' if node.was else ''}"] if node.change else []
    return "\n".join(word for word in said if word)


def _states(node: Node) -> list[str]:
    found = [f"last run {node.state}"] if node.state and node.kind != "run" else [node.state] if node.state else []
    found += ["late"] if node.is_late else []
    found += [f"checks: {node.quality}"] if node.quality in QUALITY else []
    return found + [MARKS[name][2] for name in MARKS if name in node.marks]


def stamp(moment: datetime) -> str:
    """Return a moment in UTC to the minute."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
