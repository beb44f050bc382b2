"""The change log: who changed what, when, from which value to which; rows are only ever added."""

from flask import Flask


def init(app: Flask) -> None:
    """Register pages, API and navigation."""
    from app.changes import api, api_described, views
    from app.web.nav import nav_item

    app.register_blueprint(views.bp)
    app.register_blueprint(api.bp)
    api_described.init()
    nav_item("Activity", "Changes", "changes.index", ("report", "auth"), "history", 10)
