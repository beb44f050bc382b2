"""The runs of a year, month by month, for programs."""

from dataclasses import asdict

from flask import jsonify
from flask.typing import ResponseReturnValue

from app.jobs.views.analytics import read_analytics
from app.web.blueprints import api_blueprint
from app.web.guard import needs

bp = api_blueprint("api_analytics", __name__, "/api/v1/jobs")


@bp.get("/analytics")
@needs("jobs.read")
def analytics() -> ResponseReturnValue:
    """Answer the runs of a ``year`` month by month: how many ``by`` what, how well, how long; the slowest steps."""
    found = read_analytics()
    if found is None:
        return jsonify({"year": None, "by": None, "years": [], "months": [], "durations": [], "steps": []})
    months = [
        {"month": f"{one.begin:%Y-%m}", "runs": one.total, "success": one.success,
         "by": {label: one.labels[label] for label in found.series}}
        for one in found.months
    ]  # fmt: skip
    return jsonify({
        "year": found.year,
        "by": found.by,
        "years": found.years,
        "months": months,
        "durations": [asdict(one) for one in found.lengths],
        "steps": [asdict(one) for one in found.steps],
    })  # fmt: skip
