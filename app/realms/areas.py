"""What a realm is made of: its apps, its slices and its settings."""

from flask import Flask


def init(app: Flask) -> None:
    """Register pages, API, navigation and kinds."""
    from app.realms.api import apps as api_apps
    from app.realms.views import apps
    from app.web.kinds import entity_kind
    from app.web.nav import nav_item

    for module in (apps, api_apps):
        app.register_blueprint(module.bp)
    entity_kind("app", label="App", endpoint="apps.show", arg="name")
    nav_item("Governance", "Apps", "apps.index", (), "package", 12)
