"""Give the filters and the order of a list a name, change that, and take it away."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import SavedView
from app.accounts.queries import saved_views
from app.changes.actor import Actor
from app.changes.log import record, record_update
from app.db import utcnow
from app.refusal import Problem, Refused
from app.web.saved import cleaned, endpoint_of

LONGEST_NAME: Final = 100
LONGEST_QUERY: Final = 2_000
MOST: Final = 200
TOLD: Final = ("page", "name", "query", "shared", "pinned")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose view it is, and whether they may share it with the realm."""

    user_id: int
    may_share: bool


@dataclass(frozen=True, slots=True)
class ViewDraft:
    """A name for the query of a list; ``replaces`` lets it take the place of the view of that name."""

    page: str
    name: str
    query: str
    shared: bool = False
    pinned: bool = False
    replaces: bool = False


def save_view(session: Session, draft: ViewDraft, owner: Owner, actor: Actor) -> tuple[SavedView, bool]:
    """Save a view and return it, with whether it is new; flushes, does not commit.

    Raises Refused naming each field that is wrong, and ``taken`` (409 for ``name``) unless the draft replaces.
    """
    query = _checked(draft, owner)
    same = session.scalar(_own(owner).where(SavedView.page == draft.page, SavedView.name == draft.name.strip()))
    if same is not None and draft.replaces:
        return _put(session, same, draft, query, actor), False
    if same is not None:
        raise Refused(Problem("taken", "You have a view of this name at this list.", "name"), status=409)
    if session.scalar(select(func.count()).select_from(_own(owner).limit(MOST).subquery())) == MOST:
        raise Refused(Problem("too_many", f"You have {MOST} saved views; delete some first."))
    view = SavedView(realm_id=session.info["realm_id"], user_id=owner.user_id, page=draft.page)
    view.name, view.query, view.shared, view.pinned = draft.name.strip(), query, draft.shared, draft.pinned
    session.add(view)
    session.flush()
    fields = [(name, None, value) for name, value in _told(view).items()]
    record(session, "saved_view.created", "saved_view", view.id, view.name, actor, fields=fields)
    return view, True


def change_view(session: Session, view_id: UUID, draft: ViewDraft, owner: Owner, actor: Actor) -> SavedView:
    """Give an own view another name or query, share or pin it; its list stays. Flushes, does not commit.

    Raises Refused: 404 for another's, 409 where the name is taken, else naming each field that is wrong.
    """
    view = session.scalar(_own(owner).where(SavedView.id == view_id))
    if view is None:
        raise Refused(Problem("not_found", "There is no such view of yours."), status=404)
    query = _checked(draft, owner)
    others = _own(owner).where(SavedView.page == view.page, SavedView.name == draft.name.strip())
    if session.scalar(others.where(SavedView.id != view_id)) is not None:
        raise Refused(Problem("taken", "You have a view of this name at this list.", "name"), status=409)
    return _put(session, view, draft, query, actor)


def delete_view(session: Session, view_id: UUID, owner: Owner, actor: Actor, *, of_others: bool = False) -> SavedView:
    """Take a view away and return what it was; ``of_others`` reaches those that others share.

    Raises Refused 404 where there is none to take away. Flushes, does not commit.
    """
    reached = saved_views(owner.user_id) if of_others else _own(owner)
    view = session.scalar(reached.where(SavedView.id == view_id))
    if view is None:
        raise Refused(Problem("not_found", "There is no such view of yours."), status=404)
    session.delete(view)
    session.flush()
    row = {"user_id": view.user_id, **_told(view)}
    record(session, "saved_view.deleted", "saved_view", view.id, view.name, actor, row=row)
    return view


def _own(owner: Owner) -> Select[SavedView]:
    return select(SavedView).where(SavedView.user_id == owner.user_id)


def _put(session: Session, view: SavedView, draft: ViewDraft, query: str, actor: Actor) -> SavedView:
    before = _told(view)
    view.name, view.query, view.shared, view.pinned = draft.name.strip(), query, draft.shared, draft.pinned
    if record_update(
        session, "saved_view.updated", "saved_view", view.id, view.name, actor, before=before, after=_told(view)
    ):
        view.updated_at = utcnow()
    session.flush()
    return view


def _told(view: SavedView) -> dict[str, object]:
    return {name: getattr(view, name) for name in TOLD}


def _checked(draft: ViewDraft, owner: Owner) -> str:
    """Return the query as it is kept; raises Refused with all that is wrong."""
    problems, name, query = [], draft.name.strip(), ""
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        problems.append(Problem("bad_name", f"Use a name of 1 to {LONGEST_NAME} characters.", "name"))
    if not draft.page.isprintable() or endpoint_of(draft.page) is None:
        problems.append(Problem("unknown_page", "There is no such list here.", "page", draft.page[:100]))
    if draft.shared and not owner.may_share:
        problems.append(Problem("may_not_share", "Sharing with the realm takes a capability to write in it.", "shared"))
    try:
        query = cleaned(draft.query)
    except (ValueError, UnicodeError):
        query = "\0"
    if len(query) > LONGEST_QUERY or not query.isprintable() or "%00" in query:
        problems.append(Problem("bad_query", f"Use the query of a list, up to {LONGEST_QUERY} characters.", "query"))
    if problems:
        raise Refused(*problems)
    return query
