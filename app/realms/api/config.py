"""Settings, for programs."""

from flask.typing import ResponseReturnValue
from msgspec import UNSET, Struct, UnsetType
from werkzeug.exceptions import NotFound

from app.changes.actor import current_actor
from app.db import db
from app.realms.actions.config import ConfigDraft, set_config
from app.realms.queries import config as queries
from app.realms.views.config import FIELDS, found, place
from app.refusal import Problem, Refused
from app.web.answers import items, shown
from app.web.blueprints import api_blueprint
from app.web.body import decoded
from app.web.described import describe
from app.web.guard import needs

bp = api_blueprint("api_config", __name__, "/api/v1/realms/config")
GROUP = "Settings"
SETTING = {
    "slice": 1, "name": "MAXROWS", "val": "20", "ver": 2, "setby": "ada", "setat": "2036-01-01T10:00:00Z",
    "descr": "Rows of a page.",
}  # fmt: skip
PATH = {"slice_": "The number of a slice, or `realm` for the whole realm.", "name": "The name, in any case."}
FILTERS = {"slice": "The number of a slice; without it the settings of the whole realm.", "q": "Words in names."}

describe("api_config.index", GROUP, query=FILTERS, paged=True, answer={"items": [SETTING], "next": None})
describe("api_config.show", GROUP, answer=SETTING, path=PATH)
describe(
    "api_config.change", GROUP, body={"val": "20", "descr": "Rows of a page.", "ver": 1}, answer=SETTING, path=PATH
)


class Value(Struct, forbid_unknown_fields=True):
    """A value as a program sets it; ``ver`` is the version it looked at."""

    val: str | UnsetType | None = UNSET
    descr: str | None = None
    ver: int | None = None


@bp.get("")
@needs("config", "report")
def index() -> ResponseReturnValue:
    """Answer one page of settings of a slice, or of the whole realm."""
    return items(found().page(), FIELDS)


@bp.get("/<slice_>/<name>")
@needs("config", "report")
def show(slice_: str, name: str) -> ResponseReturnValue:
    """Answer one setting."""
    row = db.session.scalar(queries.setting(place(slice_), name))
    if row is None:
        raise NotFound
    return shown(row, FIELDS)


@bp.put("/<slice_>/<name>")
@needs("config")
def change(slice_: str, name: str) -> ResponseReturnValue:
    """Set it: 200, 201 when it is new; 409 ``stale`` when ``ver`` is not the newest."""
    slice_id, body = place(slice_), decoded(Value)
    if body.val is UNSET:
        raise Refused(Problem("required", "Give a value, or null for none.", "val"))
    draft = ConfigDraft(slice_id, name, body.val, descr=body.descr, ver=body.ver)
    row, is_new = set_config(db.session(), draft, actor=current_actor())
    db.session.commit()
    return shown(row, FIELDS), 201 if is_new else 200
