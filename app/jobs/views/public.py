"""What people without an account see: a shared run, and badges."""

from flask import Blueprint, Response, g, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from app.db import db, utcnow
from app.jobs.actions.share_opens import count_opening
from app.jobs.progress.standing import OPEN
from app.jobs.reads import badges, run_shared
from app.jobs.reads.run_access import Access
from app.jobs.views.run_regions import context
from app.web.guard import token as by_token
from app.web.page import page
from app.web.telemetry import after_answer

bp = Blueprint("shared", __name__)
LONGEST = 100
BADGE_AGE_S = 30


@bp.get("/s/<token>")
@by_token("the link shows one run, read-only, until it expires or is revoked")
def show(token: str) -> ResponseReturnValue:
    """Show the run of a link and its later attempts; 404 alike for unknown, expired and revoked ones."""
    found = run_shared.of_token(db.session(), token) if len(token) <= LONGEST else None
    if found is None:
        raise NotFound
    link, run = found.link, found.run
    access = Access(private=False, people=False, log=link.show_log, values=link.show_metadata, links=False)
    answer = page(
        "jobs/shares/show.html",
        regions=("shared",),
        link=link,
        is_open=run.status in OPEN,
        here=request.path,
        **context(db.session(), run, found.job, access),
    )
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    if "HX-Target" not in request.headers:
        realm_id, link_id, at, address = link.realm_id, link.id, utcnow(), request.remote_addr

        def count(session: Session) -> None:
            count_opening(session, realm_id, link_id, at, address)

        after_answer(count)
    return answer


@bp.get("/b/<token>.svg")
@by_token("a badge shows a status word, to whoever has its address")
def svg(token: str) -> ResponseReturnValue:
    """Answer the badge as SVG; grey and 404 for an unknown or revoked token."""
    shown, status = _badge(token)
    return _answered(Response(shown.svg, status, content_type="image/svg+xml; charset=utf-8"))


@bp.get("/b/<token>.json")
@by_token("a badge shows a status word, to whoever has its address")
def json(token: str) -> ResponseReturnValue:
    """Answer the badge as JSON: label, status, progress; 404 with status unknown for an unknown or revoked token."""
    shown, status = _badge(token)
    body = {"label": shown.label, "status": shown.status, "progress": shown.progress, "message": shown.said}
    answer = jsonify(body)
    answer.status_code = status
    return _answered(answer)


def _badge(token: str) -> tuple[badges.Shown, int]:
    found = badges.of_token(db.session(), token) if len(token) <= LONGEST else None
    return (found, 200) if found is not None else (badges.UNKNOWN, 404)


def _answered(answer: Response) -> ResponseReturnValue:
    """Let others keep it for a moment; it is the same for all, so nothing depends on a cookie."""
    g.is_page = False
    answer.headers["Cache-Control"] = f"public, max-age={BADGE_AGE_S}"
    answer.add_etag()
    return answer.make_conditional(request) if answer.status_code == 200 else answer  # noqa: PLR2004 - found
