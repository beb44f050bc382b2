"""What programs say about a dataset: the same actions as the page."""

from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from msgspec import UNSET, Struct, UnsetType
from werkzeug.exceptions import NotFound

from app.changes.actor import Actor, current_actor
from app.db import db
from app.jobs.actions import annotate as acts
from app.jobs.actions.annotate import OwnerDraft, TagDraft, Target
from app.lineage.actions.archive import archive, restore
from app.lineage.actions.expect import ExpectationDraft, expect, forget
from app.lineage.actions.symlinks import suppress_symlink
from app.lineage.reads.events import other_names
from app.lineage.reads.told import about_dataset, symlink
from app.lineage.views.annotations import target_of
from app.lineage.views.opened import head_of
from app.web.blueprints import api_blueprint
from app.web.body import decoded
from app.web.guard import needs

bp = api_blueprint("api_annotate", __name__, "/api/v1/lineage/datasets/<int:dataset_id>")


class Owned(Struct, forbid_unknown_fields=True):
    """An owner with what it is owner as."""

    name: str
    type: str | None = None


class Tagged(Struct, forbid_unknown_fields=True):
    """A tag with a value, or of a column."""

    key: str
    value: str | None = None
    column: str | None = None


class Expected(Struct, forbid_unknown_fields=True):
    """An expectation."""

    every_s: int | None = None
    by: str | None = None
    zone: str | None = None
    min_rows: int | None = None


class Patch(Struct, forbid_unknown_fields=True):
    """What to say; members that are absent stay as they are, null takes back, lists replace what people said before."""

    description: str | UnsetType | None = UNSET
    owners: list[str | Owned] | UnsetType = UNSET
    tags: list[str | Tagged] | UnsetType = UNSET
    expectation: Expected | UnsetType | None = UNSET
    archived: bool | UnsetType = UNSET


class Why(Struct, forbid_unknown_fields=True):
    """Why two names are different things."""

    why: str


@bp.patch("")
@needs("lineage.write")
def patch(dataset_id: int) -> ResponseReturnValue:
    """Say what a dataset is, whose it is and what is expected of it, or archive it; answers it as it is now.

    Owners and tags are those people added: reported ones are not touched. Tags of columns are among them.
    """
    body = decoded(Patch)
    head = head_of(dataset_id)
    _apply(body, target_of(head), current_actor())
    if not isinstance(body.archived, UnsetType) and body.archived != (head.dataset.archived_at is not None):
        act = archive if body.archived else restore
        act(db.session(), target_of(head), current_actor())
    db.session.commit()
    return jsonify(about_dataset(db.session(), head_of(dataset_id)))


@bp.post("/symlinks/<int:symlink_id>/suppression")
@needs("lineage.write")
def suppress(dataset_id: int, symlink_id: int) -> ResponseReturnValue:
    """Take two names apart; answers the symlink. 404 when it joins no names of this dataset."""
    body, session = decoded(Why), db.session()
    if symlink_id not in {one.link.id for one in other_names(session, head_of(dataset_id))}:
        raise NotFound
    link = suppress_symlink(session, symlink_id, why=body.why, actor=current_actor())
    db.session.commit()
    found = head_of(link.dataset_id)
    return jsonify(next(symlink(one) for one in other_names(session, found) if one.link.id == symlink_id))


def _apply(body: Patch, target: Target, actor: Actor) -> None:
    session: Any = db.session()
    if not isinstance(body.description, UnsetType):
        acts.describe(session, target, body.description or "", actor)
    if not isinstance(body.owners, UnsetType):
        acts.set_owners(session, target, [_owner(one) for one in body.owners], actor)
    if not isinstance(body.tags, UnsetType):
        acts.set_tags(session, target, [_tag(one) for one in body.tags], actor)
    if body.expectation is None:
        forget(session, target, actor)
    elif not isinstance(body.expectation, UnsetType):
        one = body.expectation
        expect(session, target, ExpectationDraft(one.every_s, one.by, one.zone, one.min_rows), actor)


def _owner(one: str | Owned) -> OwnerDraft:
    return OwnerDraft(one) if isinstance(one, str) else OwnerDraft(one.name, one.type)


def _tag(one: str | Tagged) -> TagDraft:
    return TagDraft(one) if isinstance(one, str) else TagDraft(one.key, one.value, one.column)
