"""Search, and the way from a name to its page."""

from dataclasses import replace
from typing import Final

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db
from app.jobs.asked import sight
from app.jobs.queries.plans import seen_jobs
from app.lineage.reads.asking import LONGEST
from app.lineage.reads.search import KINDS, PER_KIND, Found, Hit, search
from app.lineage.reads.spelling import nearest, resolve
from app.refusal import Problem, Refused
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.kinds import url_of
from app.web.page import page
from app.web.shell import may

bp = realm_blueprint("search", __name__)
MORE: Final = 100
READS: Final = "lineage.read"
LONGEST_NAME: Final = 4_096
RESOLVED: Final = ("dataset", "job", "run")


def init(app: Flask) -> None:
    """Offer itself to the search box of every page."""
    app.extensions["headwater.search_endpoint"] = "search.index"


@bp.get("/search")
@needs("lineage.read", "jobs.read")
def index() -> ResponseReturnValue:
    """Show what matches ``q``: exact names first, then beginnings, then the inside; ``kind`` shows more of one kind."""
    kind = request.args.get("kind", "")
    found = searched(kind)
    return page("lineage/search/index.html", q=request.args.get("q", "").strip(), kind=kind, found=found)


def searched(kind: str) -> Found:
    """Return what the URL looks for; raises Refused on a text too long and a kind there is none of."""
    text = request.args.get("q", "").strip()
    if len(text) > LONGEST:
        raise Refused(Problem("too_long", f"Search for at most {LONGEST} characters.", "q"))
    if kind and kind not in KINDS:
        raise Refused(Problem("unknown_kind", f"Use one of {', '.join(KINDS)}.", "kind", kind[:100]))
    kinds = [one for one in visible() if kind in ("", one)]
    if not kinds:
        return Found()
    found = search(db.session(), text, kinds=kinds, limit=MORE if kind else PER_KIND)
    found = replace(found, hits={one: hits for one, all_ in found.hits.items() if (hits := _seen(one, all_))})
    # What was meant may be the name of a dataset.
    return found if may(READS) else replace(found, meant=[])


def visible() -> tuple[str, ...]:
    """Return the kinds of things the person asking may see: of jobs and runs those who see them in their lists."""
    return KINDS if may(READS) else ("job", "run")


def _seen(kind: str, hits: list[Hit]) -> list[Hit]:
    """Return those of the hits that the person may see: jobs and runs are seen by role; a statement for some jobs."""
    mine = sight()
    if mine.is_all or kind not in ("job", "run"):
        return hits
    if kind == "run":
        return [hit for hit in hits if mine.shows(hit.thing)]
    rows = db.session.scalars(seen_jobs([hit.thing.id for hit in hits], mine))
    known = set(rows)
    return [hit for hit in hits if hit.thing.id in known]


def sees(kind: str, thing: object) -> bool:
    """Return whether what a name stands for may be seen."""
    return bool(_seen(kind, [Hit(kind, thing)]))


@bp.get("/lineage/resolve")
@needs("lineage.read", "jobs.read")
def to_page() -> ResponseReturnValue:
    """Go from a name to its page: 303, or 404 with the nearest names."""
    kind, namespace, name = asked()
    if kind not in visible():
        raise NotFound
    thing, session = resolve(db.session(), kind, namespace, name), db.session()
    thing = thing if thing is not None and sees(kind, thing) else None
    url = url_of(kind, str(thing.id)) if thing is not None else None
    if url is not None:
        return redirect(url, 303)
    near = [Hit(*one) for one in nearest(session, name, kind) if sees(*one)] if kind != "run" and may(READS) else []
    return page("lineage/search/unresolved.html", 404, kind=kind, namespace=namespace, name=name, near=near)


def asked() -> tuple[str, str, str]:
    """Return kind, namespace and name of the query string (for a run its id as name); Refused names what is wrong."""
    kind = request.args.get("kind", "")
    if kind not in RESOLVED:
        raise Refused(Problem("unknown_kind", f"Use one of {', '.join(RESOLVED)}.", "kind", kind[:100]))
    given = "id" if kind == "run" else "name"
    name, namespace = request.args.get(given, ""), request.args.get("namespace", "")
    for field, text in ((given, name), ("namespace", namespace)):
        if len(text) > LONGEST_NAME or "\x00" in text:
            raise Refused(Problem("bad_name", f"A name has at most {LONGEST_NAME:,} characters, and no NUL.", field))
    if not name:
        raise Refused(Problem("missing", "Say which one.", given))
    return kind, namespace, name
