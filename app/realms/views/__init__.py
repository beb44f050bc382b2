"""Pages of realms: the realm itself, and who holds what in it."""

from flask import Flask


def init(app: Flask) -> None:
    """Register the pages and what they need."""
    from app.realms import joining
    from app.realms.views import access, closing, deactivations, grants, leaving, realms, revocations
    from app.web.nav import nav_item

    app.register_blueprint(realms.bp)
    app.register_blueprint(grants.bp)
    app.register_blueprint(revocations.bp)
    app.register_blueprint(access.bp)
    app.register_blueprint(deactivations.bp)
    app.register_blueprint(closing.bp)
    app.register_blueprint(leaving.bp)
    joining.init()
    app.extensions["headwater.realm_name"] = realms.name_of
    nav_item("Governance", "Realm", "realms.show", (), "building-2", 10)
    nav_item("Governance", "Grants", "grants.index", ("auth", "report"), "shield-check", 20)
    nav_item("Governance", "Access", "access.index", (), "circle-question-mark", 25)
    nav_item("Governance", "Deactivated", "deactivations.index", ("auth", "report"), "lock", 30)
