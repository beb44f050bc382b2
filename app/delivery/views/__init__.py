"""Pages of hooks, deliveries and the worker."""

from flask import Flask


def init(app: Flask) -> None:
    """Register pages, navigation, kinds, and the banner that says when nobody works."""
    from app.delivery.views import deliveries, hooks, worker
    from app.web.kinds import entity_kind
    from app.web.nav import nav_item

    for module in (hooks, deliveries, worker):
        app.register_blueprint(module.bp)
    nav_item("Activity", "Hooks", "hooks.index", ("delivery.write", "report"), "webhook", 40)
    nav_item("Activity", "Deliveries", "deliveries.index", ("delivery.write", "report"), "list-checks", 50)
    nav_item("Admin", "Worker", "worker.show", ("config",), "gauge", 60)
    entity_kind("hook", label="Hook", endpoint="hooks.show", arg="hook_id")
    entity_kind("task", label="Task")
    entity_kind("delivery", label="Delivery", endpoint="deliveries.show", arg="delivery_id")
    app.extensions.setdefault("headwater.banners", []).append(worker.banner)
