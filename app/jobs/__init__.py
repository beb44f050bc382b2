"""Jobs and their runs, reported by OpenLineage or tracked."""

from flask import Flask

from app.web.capabilities import capability

capability("jobs.read", "realm", "Jobs, runs and their progress.")
capability("jobs.write", "realm", "Starting, advancing and ending runs; plans of jobs.")


def init(app: Flask) -> None:
    """Load the models; register pages, navigation and kinds."""
    from importlib import import_module
    from importlib.util import find_spec

    for name in ("models", "reads.for_hooks", "actions.watching", "views", "tracker", "panels_profile"):
        if find_spec(f"app.jobs.{name}") is not None:
            start = getattr(import_module(f"app.jobs.{name}"), "init", None)
            if start is not None:
                start(app)
