"""The board: what runs now and what went wrong today."""

from flask.typing import ResponseReturnValue

from app.db import db
from app.jobs import asked
from app.jobs.reads import board as reads
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.live import about
from app.web.page import page

bp = realm_blueprint("board", __name__, "/jobs")


@bp.get("")
@needs("jobs.read", "lineage.read")
def index() -> ResponseReturnValue:
    """Show running, streaming and queued runs, and failures of 24 hours by their first line."""
    about("run")
    board = reads.board(db.session(), asked.sight())
    return page("jobs/board/index.html", regions=("running", "failed"), board=board)
