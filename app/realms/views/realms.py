"""The realm a person is in: its names, its slices, and what they hold in it."""

from flask import g, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.accounts.queries import member as member_of
from app.db import db, utcnow
from app.realms.models import App, Deactivated, Realm, RealmSlice
from app.realms.queries import grants
from app.realms.queries.blocked import blocked, of_realm
from app.web.blueprints import realm_blueprint
from app.web.guard import member, rescue
from app.web.identity import identity
from app.web.nav import navigation
from app.web.page import page
from app.web.shell import may

bp = realm_blueprint("realms", __name__)
MOST = 100


def name_of(realm_id: int) -> str:
    """Return the long name of a realm, for pages of slices that know only its id."""
    return db.session.get_one(Realm, realm_id).longname


@bp.get("/")
@member
def home() -> ResponseReturnValue:
    """Go to the first page of the realm that is open to the person: 303."""
    return redirect(navigation(may)[0].items[0].url, 303)


@bp.get("/realms/")
@rescue
@member
def show() -> ResponseReturnValue:
    """Show names, slices, apps, who is blocked, and the grants and role of the person asking."""
    who, session = identity(), db.session()
    user_id = who.user_id if who else 0
    return page(
        "realms/realms/show.html",
        here=session.get_one(Realm, g.realm.id),
        slices=session.scalars(select(RealmSlice).order_by(RealmSlice.id).limit(MOST)).all(),
        apps=session.scalars(select(App).order_by(App.shortnamelc).limit(MOST)).all(),
        mine=session.execute(grants(user=who.name if who else "", now=utcnow()).limit(MOST)).all(),
        membership=session.scalar(member_of(user_id)),
        now=utcnow(),
        closed=session.scalar(of_realm()),
        blocked=session.execute(blocked().order_by(Deactivated.id).limit(MOST)).all(),
        may_reopen=may("root") or g.standing.rescues,
    )
