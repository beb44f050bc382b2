"""Who may do what, for programs."""

from datetime import datetime
from typing import Any

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from msgspec import Struct, field

from app.accounts.idempotent import idempotent
from app.changes.actor import current_actor
from app.db import db
from app.realms import actions as acts
from app.realms import listed
from app.realms.actions.ledger import apps_by_name, whole
from app.realms.models import App, CapGrant
from app.web.answers import items
from app.web.blueprints import api_blueprint
from app.web.body import decoded
from app.web.described import describe
from app.web.export import plain
from app.web.guard import needs
from app.web.shell import may

bp = api_blueprint("api_grants", __name__, "/api/v1/realms/grants")
GROUP = "Grants"
WHOLE = {
    "id": 7, "user": "ada", "app": "shop1", "cap": "schema", "from": None, "to": "2036-02-01T00:00:00Z",
    "setat": "2036-01-01T10:00:00Z", "setby": "owner",
}  # fmt: skip
BODY = {"user": "ada", "caps": ["schema", "root"], "apps": ["shop1"], "from": None, "to": "2036-02-01T00:00:00Z"}
SKIPPED = {"app": None, "cap": "root", "reason": "already_held"}
DRY = {"dry_run": "`1` answers what would happen and changes nothing."}
FILTERS = {
    "user": "A login name.",
    "cap": "A capability.",
    "app": "The name of an app.",
    "state": "`running`, `coming`, `expired`, or `expiring` within 7 days.",
}


class Grant(Struct, forbid_unknown_fields=True):
    """A grant as a program asks for it; ``replace`` swaps the windows of what is held already."""

    user: str = ""
    caps: list[str] | None = None
    apps: list[str] | None = None
    from_: datetime | None = field(default=None, name="from")
    to: datetime | None = None
    replace: bool = False

    def draft(self) -> acts.GrantDraft:
        """Return it as the action takes it."""
        caps, apps = tuple(self.caps or ()), tuple(self.apps or ())
        return acts.GrantDraft(self.user, caps, apps, self.from_, self.to, self.replace)


class Revocation(Struct, forbid_unknown_fields=True):
    """What to take back; ``ALL`` or nothing is no filter."""

    user: str = ""
    caps: list[str] | None = None
    apps: list[str] | None = None

    def draft(self) -> acts.RevocationDraft:
        """Return it as the action takes it."""
        return acts.RevocationDraft(self.user, tuple(self.caps or ()), tuple(self.apps or ()))


describe(
    "api_grants.index",
    GROUP,
    query=FILTERS,
    paged=True,
    answer={"items": [{**WHOLE, "state": "running"}], "next": None},
)
describe(
    "api_grants.create", GROUP, query=DRY, body=BODY, answer={"granted": [WHOLE], "skipped": [SKIPPED]}, status=201
)
describe("api_grants.revoke", GROUP, query=DRY, body={"user": "ada", "caps": ["ALL"], "apps": ["ALL"]},
         answer={"revoked": [{**WHOLE, "realm": 1}]})  # fmt: skip
describe("api_grants.remove", GROUP, status=204)


@bp.get("")
@needs("auth", "report")
def index() -> ResponseReturnValue:
    """Answer one page of grants; the filters are those of the page."""
    found = listed.grants()
    return items(found.page(), found.fields)


@bp.post("")
@needs("auth")
@idempotent
def create() -> ResponseReturnValue:
    """Grant, all or nothing: 201 with what is new and what was held already, 200 when nothing was left to grant."""
    draft, by_root = decoded(Grant).draft(), may("root")
    if _is_dry():
        return _planned(acts.plan_grant(db.session(), draft, by_root=by_root), draft)
    done = acts.grant(db.session(), draft, actor=current_actor(), by_root=by_root)
    apps = {app.id: app for app in apps_by_name(db.session()).values()}
    user = draft.user.strip().lower()
    granted = [_shown(row, user, apps.get(row.app_id or 0)) for row in done.granted]
    db.session.commit()
    return jsonify({"granted": granted, "skipped": _skipped(done.skipped)}), 201 if granted else 200


@bp.post("/revocation")
@needs("auth")
@idempotent
def revoke() -> ResponseReturnValue:
    """Take back what an account holds, narrowed by capabilities and apps: the removed rows whole."""
    draft, by_root = decoded(Revocation).draft(), may("root")
    if _is_dry():
        plan = acts.plan_revocation(db.session(), draft, by_root=by_root)
        return jsonify({"revoked": [whole(row, plan.user, app) for row, app in plan.rows]})
    gone = acts.revoke(db.session(), draft, actor=current_actor(), by_root=by_root)
    db.session.commit()
    return jsonify({"revoked": gone})


@bp.delete("/<int:grant_id>")
@needs("auth")
def remove(grant_id: int) -> ResponseReturnValue:
    """Take one grant back: 204."""
    acts.revoke_grant(db.session(), grant_id, actor=current_actor(), by_root=may("root"))
    db.session.commit()
    return Response(status=204)


def _is_dry() -> bool:
    return request.args.get("dry_run", "").lower() in ("1", "true", "yes")


def _planned(plan: acts.GrantPlan, draft: acts.GrantDraft) -> ResponseReturnValue:
    window = {"from": plain(draft.from_), "to": plain(draft.to)}
    given = [{"user": plan.user.name, "app": app.shortnamelc if app else None, "cap": cap, **window}
             for app, cap in plan.give]  # fmt: skip
    replaced = [whole(row, plan.user, app) for row, app in (*plan.expired, *plan.replaced)]
    return jsonify({"granted": given, "skipped": _skipped(plan.skipped), "replaced": replaced})


def _skipped(pairs: list[tuple[str | None, str]]) -> list[dict[str, Any]]:
    return [{"app": app, "cap": cap, "reason": "already_held"} for app, cap in pairs]


def _shown(row: CapGrant, user: str, app: App | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "user": user,
        "app": app.shortnamelc if app else None,
        "cap": row.cap,
        "from": plain(row.from_),
        "to": plain(row.to),
        "setat": plain(row.setat),
        "setby": row.setby,
    }
