"""Selects of what changed lately, and which datasets and jobs that touches."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import or_, select, union_all
from sqlalchemy.orm import aliased

from app.changes.models import Change
from app.changes.verbs import TRANSIENT
from app.jobs.models import Run
from app.lineage.models import Interaction
from app.web.keyset import Rows

KINDS: Final = ("dataset", "job", "run")


def latest(most: int) -> Rows:
    """Select (id, kind, entity id) of the newest changes of datasets, jobs and runs, ``most`` of each."""
    each = (
        select(Change.id, Change.kind, Change.entity_id)
        .where(Change.kind == kind, Change.verb != TRANSIENT)
        .order_by(Change.at.desc(), Change.id.desc())
        .limit(most)
        .subquery()
        for kind in KINDS
    )
    return select(union_all(*(select(one) for one in each)).subquery())


def of_runs(numbers: Sequence[int]) -> Rows:
    """Select (run, job, dataset or null) of what runs, themselves or by their parts, belong to, read and wrote."""
    part = aliased(Run)
    below = or_(part.number == Run.number, (part.parent_run == Run.number) & (part.role == "part"))
    return (
        select(Run.number, Run.job_id, Interaction.dataset_id)
        .outerjoin(part, below)
        .outerjoin(Interaction, Interaction.operation == part.number)
        .where(Run.number.in_(numbers))
        .distinct()
    )
