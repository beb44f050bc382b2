"""Jobs, runs and their plans for programs: one module for each way in or out."""

from importlib import import_module

from flask import Flask

MODULES: tuple[str, ...] = (
    "lists",
    "configurations",
    "runs",
    "events",
    "one_call",
    "handed_out",
    "alarms",
    "report",
    "details",
    "analytics",
    "bulk",
)


def init(app: Flask) -> None:
    """Register the routes and what is said of them."""
    import_module("app.jobs.kept_apart")
    from app.jobs.api import described, described_tracking

    for name in MODULES:
        app.register_blueprint(import_module(f"app.jobs.api.{name}").bp)
    described.init()
    described_tracking.init()
