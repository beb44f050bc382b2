"""Pages of jobs and runs."""

from flask import Flask


def init(app: Flask) -> None:
    """Register pages, API, navigation, and where runs and jobs of the change log are found."""
    from importlib import import_module

    from app.jobs import api, asked, fields, highlight, live, timing
    from app.jobs.views import about, analytics, badges, board, client, compare, configurations, jobs, public, runs
    from app.web import prose
    from app.web.kinds import entity_kind
    from app.web.nav import nav_item

    prose.init(app)
    for name in ("run_list", "run_bulk", "run_log", "run_acts", "run_shares", "configurations_new", "job_alarms"):
        import_module(f"app.jobs.views.{name}")
    import_module("app.jobs.panels_compare")
    app.jinja_env.filters.update(sql=highlight.sql, grown=timing.grown)
    app.jinja_env.filters.update(integration=fields.integration, stands=fields.stands)
    app.jinja_env.globals["ways_of"] = client.ways_of
    app.jinja_env.globals.update(sees_totals=asked.sees_totals, sees_plans=asked.sees_plans)
    for module in (about, board, compare, runs, configurations, analytics, jobs, badges, public, client):
        app.register_blueprint(module.bp)
    api.init(app)
    live.init()
    read = ("jobs.read", "lineage.read")
    nav_item("Jobs", "Board", "board.index", read, "layout-dashboard", 10)
    nav_item("Jobs", "Runs", "runs.index", read, "play", 20)
    nav_item("Jobs", "Jobs", "jobs.index", read, "workflow", 30)
    nav_item("Jobs", "Configurations", "configurations.index", ("jobs.read",), "list-checks", 40, asked.sees_plans)
    nav_item("Jobs", "Analytics", "analytics.show", ("jobs.read",), "scale", 60, asked.sees_plans)
    entity_kind("job_configuration", label="Configuration", endpoint="configurations.show", arg="configuration_id")
    entity_kind("run", label="Run", endpoint="runs.show", arg="run_id")
    entity_kind("job", label="Job", endpoint="jobs.show", arg="job_id")
