"""The parts of a comparison of two runs that jobs offer."""

from app.db import db
from app.jobs import asked
from app.jobs.difference import part_panel
from app.jobs.reads import compare as reads
from app.jobs.reads import compare_steps
from app.jobs.reads.compare import Compared
from app.web.panels import Panel, panel


@panel("run", "compare")
def outcome(compared: Compared) -> Panel | None:
    """Return how both runs ended and how long they took."""
    return part_panel("outcome", "Outcome", reads.outcome(compared))


@panel("run", "compare")
def steps(compared: Compared) -> Panel | None:
    """Return steps and the runs below, side by side."""
    below = reads.steps(db.session(), compared)
    return part_panel("steps", "Steps", [*compare_steps.steps(*_sides(compared)), *below])


@panel("run", "compare")
def values(compared: Compared) -> Panel | None:
    """Return what steps reported, numbers with how much they grew."""
    return part_panel("values", "Values", compare_steps.values(*_sides(compared)))


def _sides(compared: Compared) -> tuple[compare_steps.Side, compare_steps.Side]:
    if "steps" not in compared.kept:
        compared.kept["steps"] = compare_steps.sides(db.session(), compared, asked.sight())
    found: tuple[compare_steps.Side, compare_steps.Side] = compared.kept["steps"]
    return found


@panel("run", "compare")
def parameters(compared: Compared) -> Panel | None:
    """Return parameters that were added, removed or changed."""
    return part_panel("parameters", "Parameters", reads.parameters(compared))


@panel("run", "compare")
def environment(compared: Compared) -> Panel | None:
    """Return environment variables that were added, removed or changed."""
    return part_panel("environment", "Environment", reads.environment(compared))


@panel("run", "compare")
def code(compared: Compared) -> Panel | None:
    """Return where the code came from."""
    return part_panel("code", "Code", reads.code(db.session(), compared))


@panel("run", "compare")
def engine(compared: Compared) -> Panel | None:
    """Return engine and version."""
    return part_panel("engine", "Engine", reads.engine(compared))
