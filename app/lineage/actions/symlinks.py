"""Taking apart two names that were wrongly reported as one thing."""

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import record
from app.db import utcnow
from app.lineage.models import Symlink
from app.lineage.queries import datasets, shape
from app.lineage.store.links import regroup
from app.refusal import Problem, Refused

LONGEST = 500


def suppress_symlink(session: Session, symlink_id: int, *, why: str, actor: Actor) -> Symlink:
    """Let a symlink join no longer and recompute the groups at once; its report stays. Flushes, does not commit.

    Every report of the same two names is suppressed with it, whichever way round. Raises Refused: 404 when there is no
    such symlink, 409 when it is suppressed already, 422 (field ``why``) without a reason.
    """
    link: Symlink | None = session.scalar(shape.symlink(symlink_id))
    if link is None:
        raise Refused(Problem("not_found", "There is no such symlink here."), status=404)
    if link.suppressed_at is not None:
        raise Refused(Problem("suppressed", "These two names were taken apart already."), status=409)
    if not why.strip() or len(why) > LONGEST or "\x00" in why:
        raise Refused(Problem("bad_reason", f"Say why in 1 to {LONGEST} characters.", "why"))
    ends = {link.dataset_id, link.other_id}
    for twin in session.scalars(shape.symlinks([link.dataset_id])):
        if {twin.dataset_id, twin.other_id} == ends and twin.suppressed_at is None:
            twin.suppressed_at, twin.suppressed_by, twin.suppressed_why = utcnow(), actor.name[:100], why.strip()
    session.flush()
    regroup(session, link.realm_id, ends)
    session.expire_all()
    names = {row[0].id: row[0].name for row in session.execute(datasets.placed_at(ends))}
    fields = [("same as", names[link.other_id], None), ("why", None, why.strip())]
    record(session, "dataset.unlinked", "dataset", link.dataset_id, names[link.dataset_id], actor, fields=fields)
    other = [("same as", names[link.dataset_id], None), ("why", None, why.strip())]
    record(session, "dataset.unlinked", "dataset", link.other_id, names[link.other_id], actor, fields=other)
    return link
