"""The page of one column of a dataset."""

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db
from app.jobs.forms import DescriptionForm, TagForm
from app.lineage.reads.column import column
from app.lineage.views.opened import dataset_blueprint, opened, tab
from app.refusal import Problem, Refused
from app.web.guard import needs

bp = dataset_blueprint("column", __name__)
LONGEST = 4_096


@bp.get("/column")
@needs("lineage.read")
def show() -> ResponseReturnValue:
    """Show a column by ``name`` (nested ones by path); 404 when nothing ever told of it, 422 without a name."""
    name = request.args.get("name", "")
    if not name or len(name) > LONGEST:
        raise Refused(Problem("required", "Say which column: ?name=.", "name"))
    found = column(db.session(), opened(), name)
    if not found.is_known:
        raise NotFound
    forms = {
        "description": DescriptionForm(text=found.said.text if found.said else "", column=name),
        "tag": TagForm(column=name),
    }
    return tab("column", column=found, forms=forms)
