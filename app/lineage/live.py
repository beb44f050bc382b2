"""The list of datasets and the head of a dataset's page, on every tab, keep themselves true."""

from collections.abc import Iterable

from flask import Flask
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.jobs.models import Run
from app.lineage.models import Interaction
from app.lineage.views.opened import opened, tab
from app.web.live import about, live_link, live_region, live_view

TABS = ("show", "schema", "history", "quality", "runs", "lineage", "facets", "events", "changes")


def init(app: Flask) -> None:
    """Register the regions."""
    del app
    for name in TABS:
        live_region(f"dataset_{name}", f"dataset.{name}", "head")
        live_view(f"dataset.{name}", _head)
    live_region("datasets", "datasets.index", "results")
    live_link("run", "dataset", _datasets_of)


def _head() -> object:
    """Render the head alone: it changes with the dataset under any of its names, and with every run that writes it."""
    for number in opened().ids:
        about("dataset", number)
    return tab("overview")


def _datasets_of(session: Session, ids: list[str]) -> Iterable[object]:
    """Return datasets that runs read or wrote, themselves or by their parts, which are not logged."""
    numbers = [int(each) for each in ids if each.isdigit()]
    parts = select(Run.number).where(Run.parent_run.in_(numbers), Run.role == "part")
    theirs = or_(Interaction.operation.in_(numbers), Interaction.operation.in_(parts))
    return session.scalars(select(Interaction.dataset_id).where(theirs).distinct())
