"""The API of the tracker that programs of providers were written for, at ``/api/tracker``, over our rows.

Its clients speak of jobs for customers or of studies for hospitals; both are our runs (specification of jobs, 5.2).
"""

from importlib import import_module

from flask import Flask


def init(app: Flask) -> None:
    """Register the routes, how keys come in, what goes wrong in its own words, and what is said of it."""
    from app.jobs.tracker import described, refusals, slashes
    from app.jobs.tracker.answers import ROOT
    from app.web.identity import key_header
    from app.web.problem import dialect

    key_header(ROOT, "X-Api-Key")
    dialect(ROOT, refusals.speak)
    slashes.init(app)
    for name in ("keys", "configurations", "runs", "events", "reporting"):
        app.register_blueprint(import_module(f"app.jobs.tracker.{name}").bp)
    described.init(app)
