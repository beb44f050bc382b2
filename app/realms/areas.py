"""What a realm is made of: its apps, its slices and its settings."""

from flask import Flask


def init(app: Flask) -> None:
    """Register pages, API, navigation and kinds."""
    from app.realms.api import apps as api_apps
    from app.realms.api import config as api_config
    from app.realms.api import slices as api_slices
    from app.realms.models import Config
    from app.realms.sliced import SliceTable, slice_table
    from app.realms.views import apps, config, slices, switching
    from app.web.kinds import entity_kind
    from app.web.nav import nav_item

    for module in (apps, slices, switching, config, api_apps, api_slices, api_config):
        app.register_blueprint(module.bp)
    entity_kind("app", label="App", endpoint="apps.show", arg="name")
    slice_table(
        SliceTable("config", Config.__table__, "config", lambda row: f"{row['name']} in slice {row['slice_id']}")
    )
    entity_kind("realmslice", label="Slice", endpoint="slices.show", arg="slice_id")
    entity_kind("config", label="Setting", endpoint="config.by_id", arg="config_id")
    nav_item("Governance", "Apps", "apps.index", (), "package", 12)
    nav_item("Governance", "Slices", "slices.index", ("report",), "layers", 14)
    nav_item("Governance", "Settings", "config.index", ("config", "report"), "sliders-horizontal", 16)
