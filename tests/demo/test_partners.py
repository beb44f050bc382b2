"""The runs of partners: one of each state, with steps that their plans know."""

from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import db, scope
from app.demo.partners import PARTNERS, attempts
from app.demo.tracked import track
from app.jobs.models import Run
from app.realms.models import Realm
from tests.databases import Database

PLANNED = {partner.tag: {step.tag for _version, steps in partner.versions for step in steps} for partner in PARTNERS}


def test_runs_report_steps_of_their_plans() -> None:
    for one in attempts():
        if one.planned:
            assert {told.step for told in one.told} <= PLANNED[one.job] | {None}


def test_every_state_is_met_today(database: Database, session: Session, realm: Realm) -> None:
    with database.app.app_context():
        scope(db.session(), realm.id)
        count = track(db.session())
        db.session.commit()

    runs = session.scalars(select(Run)).all()
    states = Counter(
        run.status for run in runs if "today" in (run.external_id or "") or run.progress_kind == "reported"
    )

    assert states == {"running": 4, "queued": 1, "failed": 1}
    assert sum(run.next_attempt is None for run in runs) == count
    assert sum(run.next_attempt is not None for run in runs) > 1
    assert all(run.eta_at for run in runs if run.status == "running" and run.progress_kind == "steps")
