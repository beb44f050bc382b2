"""Which jobs, datasets and runs the events since a moment speak of."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.jobs.models import RunJob
from app.lineage.models import Interaction, RawEvent


def told_since(session: Session, realm_id: int, since: datetime) -> dict[str, set[int]]:
    """Return ids by kind (run, job, dataset) of what events of that time or later told of; three statements.

    A run told of brings every job name it ever carried and every dataset it ever touched, whenever that was told.
    """
    told = select(RawEvent.run, RawEvent.job_id, RawEvent.dataset_id).where(
        RawEvent.realm_id == realm_id, RawEvent.event_time >= since
    )
    runs = told.with_only_columns(RawEvent.run).where(RawEvent.run.is_not(None)).scalar_subquery()
    carried = select(RunJob.job_id).where(RunJob.realm_id == realm_id, RunJob.run.in_(runs))
    touched = select(Interaction.dataset_id).where(Interaction.realm_id == realm_id, Interaction.operation.in_(runs))
    events = session.connection().execute(told).all()
    return {
        "run": {row.run for row in events} - {None},
        "job": ({row.job_id for row in events} | set(session.connection().scalars(carried))) - {None},
        "dataset": ({row.dataset_id for row in events} | set(session.connection().scalars(touched))) - {None},
    }
