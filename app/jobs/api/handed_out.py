"""Logs, share links and badges for programs."""

from uuid import UUID

from flask import g, jsonify, request
from flask.typing import ResponseReturnValue
from msgspec import Struct
from werkzeug.exceptions import NotFound

from app.accounts.idempotent import idempotent
from app.changes.actor import current_actor
from app.db import db
from app.jobs import asked
from app.jobs.actions.badges import make_badge, revoke_badge
from app.jobs.actions.logs import LONGEST_CHUNK, append_log
from app.jobs.actions.shares import USUAL_HOURS, ShareDraft, make_share, revoke_share
from app.jobs.actions.telling import label_of
from app.jobs.api import shapes
from app.jobs.api.body import body
from app.jobs.api.in_line import in_line
from app.jobs.api.runs import Nothing, written
from app.jobs.models import Badge, ShareLink
from app.jobs.reads.run_access import access
from app.jobs.reads.tracked import Tracked, seen
from app.refusal import Problem, Refused
from app.web.blueprints import api_blueprint
from app.web.export import plain
from app.web.guard import needs, unlogged
from app.web.whole import whole

bp = api_blueprint("api_handed_out", __name__, "/api/v1/jobs/runs")


class Share(Struct, forbid_unknown_fields=True):
    """For how long, and what is shown."""

    hours: int = USUAL_HOURS
    metadata: bool = False
    log: bool = False


@bp.post("/<run_id>/log")
@needs("jobs.write")
@unlogged("the log of a run is no change of what is shown")
@in_line
def append(run_id: str) -> ResponseReturnValue:
    """Append a chunk of text to the log of a run at its byte ``offset``, by default at the end.

    A chunk that is there already is ignored; a gap is accepted and marked.
    """
    if (request.content_length or 0) > LONGEST_CHUNK:
        raise Refused(Problem("too_large", f"A chunk has at most {LONGEST_CHUNK:,} bytes."), status=413)
    data = request.get_data()
    one, text = written(run_id), request.args.get("offset", "")
    offset = whole(text, asked.BIGGEST - 1) if text else None
    if text and offset is None:
        raise Refused(Problem("bad_offset", "Use the number of bytes before the chunk.", "offset", text[:100]))
    behind = append_log(db.session(), one, offset, data, current_actor())
    db.session.commit()
    return jsonify({"offset": behind, **shapes.standing(one.run)})


@bp.post("/<run_id>/shares")
@needs("jobs.write")
@idempotent
def share(run_id: str) -> ResponseReturnValue:
    """Make a link by which people without an account see a run; its token is shown this once."""
    one, given = _shared(run_id), body(Share)
    sight, name = asked.sight(), g.standing.who.name
    if given.log and not access(db.session(), sight, one.run, name, writes=True).log:
        raise Refused(Problem("role", "The log of this run is not yours to share.", "log"), status=403)
    draft = ShareDraft(given.hours, show_metadata=given.metadata, show_log=given.log)
    link, token = make_share(db.session(), one.run, label_of(one), draft, current_actor())
    db.session.commit()
    return jsonify({**_share(link), "secret": token, "url": f"{request.host_url}s/{token}"}), 201


@bp.post("/<run_id>/shares/<uuid:share_id>/revocation")
@needs("jobs.write")
@idempotent
def unshare(run_id: str, share_id: UUID) -> ResponseReturnValue:
    """Close a link at once."""
    one = _shared(run_id)
    body(Nothing)
    link = revoke_share(db.session(), one.run, label_of(one), share_id, current_actor())
    db.session.commit()
    return jsonify(_share(link))


@bp.post("/<run_id>/badges")
@needs("jobs.write")
@idempotent
def badge(run_id: str) -> ResponseReturnValue:
    """Make a badge that shows how a run stands; its token is shown this once."""
    one = written(run_id)
    body(Nothing)
    made, token = make_badge(db.session(), one.run, label_of(one), current_actor())
    db.session.commit()
    return jsonify({**_badge(made), "secret": token, "url": f"{request.host_url}b/{token}.svg"}), 201


@bp.post("/<run_id>/badges/<uuid:badge_id>/revocation")
@needs("jobs.write")
@idempotent
def unbadge(run_id: str, badge_id: UUID) -> ResponseReturnValue:
    """Show a badge no longer."""
    one = written(run_id)
    body(Nothing)
    done = revoke_badge(db.session(), one.run, label_of(one), badge_id, current_actor())
    db.session.commit()
    return jsonify(_badge(done))


def _shared(run_id: str) -> Tracked:
    """Return a run that the account sees: customers share their own as well."""
    found = seen(db.session(), asked.which(run_id), asked.sight())
    if found is None:
        raise NotFound
    return found


def _share(link: ShareLink) -> dict[str, object]:
    return {
        "id": str(link.id),
        "expires_at": plain(link.expires_at),
        "metadata": link.show_metadata,
        "log": link.show_log,
        "opens": link.opens,
        "revoked_at": plain(link.revoked_at),
    }


def _badge(made: Badge) -> dict[str, object]:
    return {"id": str(made.id), "created_at": plain(made.created_at), "revoked_at": plain(made.revoked_at)}
