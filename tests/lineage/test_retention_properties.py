"""Whatever events came: removing runs changes no edge, folding days keeps every total."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.actor import SYSTEM
from app.db import db
from app.jobs.models import Run
from app.lineage.retention import Report, keep
from app.realms.models import Config
from tests.databases import Database
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import moment
from tests.lineage.test_properties import QUICK, Event, edge_rows, fresh, histories, mixed, summed


def keeping(session: Session, intake: Intake, minutes: float, **given: int) -> Report:
    """Make a pass so many minutes after the first event, with settings of the realm's own."""
    for name, value in given.items():
        session.add(Config(realm_id=intake.realm.id, slice_id=None, name=name, val=str(value), setby="owner"))
    session.commit()
    with intake.database.app.app_context():
        return keep(db.session(), intake.realm.id, SYSTEM, moment(minutes))


def by_month(rows: set[tuple[Any, ...]]) -> Counter[tuple[Any, ...]]:
    """Return the counters of edges added up by month; the day is the fourth of the last five columns from the end."""
    sums: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        *names, day, runs, rows_, bytes_, files = row
        for name, value in (("runs", runs), ("rows", rows_), ("bytes", bytes_), ("files", files)):
            sums[(*names, day.replace(day=1), name)] += value
    return sums


@QUICK
@given(told=histories(), seed=st.integers(0, 2**30), days=st.integers(1, 900))
def test_removing_runs_changes_no_edge_and_months_keep_the_totals(
    database: Database, session: Session, told: list[Event], seed: int, days: int
) -> None:
    intake = fresh(database, session)
    for batch in mixed(told, seed):
        intake.take(*batch)
    edges = edge_rows(session, intake.realm.id)
    assert edges == summed(session, intake.realm.id)

    keeping(session, intake, days * 1440, LINEAGE_RUN_DAYS=1, LINEAGE_RUN_COUNT=1, EDGE_DAYS=100_000)
    session.expire_all()

    assert edge_rows(session, intake.realm.id) == edges
    left = session.scalars(select(Run.job_id).where(Run.realm_id == intake.realm.id, Run.role == "unit")).all()
    assert set(left) >= {job for job in left if left.count(job) == 1}

    session.query(Config).where(Config.realm_id == intake.realm.id).delete()
    keeping(session, intake, days * 1440, EDGE_DAYS=1)
    session.expire_all()

    assert +by_month(edge_rows(session, intake.realm.id)) == +by_month(edges)
