"""Realms: tenants, what people may do in them, and the one decision about it."""

from flask import Flask

from app.web.capabilities import capability

capability("root", "realm", "Everything, of every level; alone: apps, slices, purge, granting and revoking root.")
capability("auth", "realm", "Grants (but root), keys of others, blocking and unblocking people, access pages.")
capability("config", "realm", "Reading and setting config, and realm-wide lists that other slices name.")
capability("report", "realm", "Reading everything, changing nothing; implies every .read.")


def init(app: Flask) -> None:
    """Offer the decision to the guard, and register pages."""
    from app.realms import areas, decision, home
    from app.web.kinds import entity_kind

    app.extensions["headwater.allow"] = decision.allow
    app.extensions["headwater.realms_of"] = decision.realms_of
    app.register_blueprint(home.bp)
    entity_kind("realm", label="Realm")
    entity_kind("capgrant", label="Grant")
    _init_pages(app)
    areas.init(app)


def _init_pages(app: Flask) -> None:
    from app.realms import api, views

    views.init(app)
    api.init(app)
