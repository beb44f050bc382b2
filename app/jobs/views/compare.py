"""Two runs beside each other."""

from flask.typing import ResponseReturnValue

from app.jobs import comparison
from app.refusal import Problem, Refused
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.page import page
from app.web.panels import Panel

bp = realm_blueprint("compare", __name__, "/jobs/runs/compare")


@bp.get("")
@needs("jobs.read", "lineage.read")
def show() -> ResponseReturnValue:
    """Show what differs between run ``a`` and run ``b``, by default the completed run before ``a``.

    422 without ``a`` or for what is no run id, 404 for a run that is not here.
    """
    after = comparison.run_of("a")
    if after is None:
        raise Refused(Problem("missing", "Name the run to look at as a.", "a"))
    before = comparison.run_of("b") or comparison.before(after)
    parts = comparison.parts(before, after) if before is not None else []
    differing, equal = split(parts)
    return page("jobs/compare/show.html", before=before, after=after, differing=differing, equal=equal)


def split(parts: list[Panel]) -> tuple[list[Panel], list[Panel]]:
    """Return the parts with differences, and those without."""
    return [part for part in parts if not part.json["equal"]], [part for part in parts if part.json["equal"]]
