"""The parts of a comparison of two runs that lineage offers: data, schemas, SQL."""

from typing import Any

from app.db import db
from app.jobs.difference import Row, part_panel
from app.jobs.reads.compare import Compared
from app.lineage.reads import compare as reads
from app.web.panels import Panel, panel


@panel("run", "compare")
def io(compared: Compared) -> Panel | None:
    """Return what was read and written, with rows, bytes and files."""
    return part_panel("io", "Inputs and outputs", reads.io(*reads.touched(db.session(), compared)))


@panel("run", "compare")
def schemas(compared: Compared) -> Panel | None:
    """Return columns that came, went or changed."""
    return part_panel("schemas", "Schemas", reads.schemas(*reads.touched(db.session(), compared)))


@panel("run", "compare")
def sql(compared: Compared) -> Panel | None:
    """Return SQL texts that differ, line by line."""
    found = reads.statements(db.session(), compared)
    if not found:
        return None
    changed = [one for one in found if one.before != one.after]
    rows = [Row(one.name, one.before, one.after, "SQL") for one in found]
    made = part_panel("sql", "SQL", rows)
    if made is None:
        return None
    context: dict[str, Any] = {**made.context, "changed": changed}
    return Panel(made.title, "lineage/runs/_compared_sql.html", context, made.json)
