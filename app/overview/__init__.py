"""The page a realm opens with: what runs, what failed, what is late, how much moved."""

from flask import Flask


def init(app: Flask) -> None:
    """Register the page, first of the navigation, so that the realm's own address leads here."""
    from app.jobs import asked
    from app.overview import views
    from app.web.nav import nav_item

    app.register_blueprint(views.bp)
    nav_item("Overview", "Overview", "overview.index", ("lineage.read", "jobs.read"), "house", 1, asked.sees_all)
