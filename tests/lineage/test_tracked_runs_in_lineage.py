"""A tracked run whose program also sends OpenLineage is one run, and its events decide its state (acceptance 19)."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.db import db
from app.jobs.models import Run
from app.lineage.rebuild import rebuild
from app.realms.models import Realm
from tests.browser import Browser
from tests.databases import Database
from tests.jobs.tracking import make_provider
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import parent, run, table

SPACE = "headwater://clinic"


@pytest.fixture
def tracked(visitor: Browser, session: Session, realm: Realm, store: Store) -> Run:
    """A run of the plan ``lung`` whose first of three steps is done."""
    program = make_provider(visitor, session, realm)
    program.register()
    opened = program.open()
    program.send(opened, "step", "fetch")
    return store.run(opened["id"])


def told(which: Run) -> tuple[object, ...]:
    """Return what only its own events say of a tracked run."""
    return which.origin, which.status, which.progress, which.job_id, which.external_id, which.ended_at


def test_a_job_below_a_tracked_run_is_linked_and_changes_nothing_of_it(
    intake: Intake, store: Store, tracked: Run, session: Session
) -> None:
    before, id_ = told(tracked), tracked.reported_id
    facets = {"parent": parent(id_, "lung", namespace=SPACE)}
    intake.take(run("child", "load", outputs=[table("shop.scans")], facets=facets))
    session.expire_all()
    assert store.run("child").parent_run == store.run(id_).number
    assert told(store.run(id_)) == before


def test_the_pages_of_both_lead_to_each_other_and_to_the_data(
    intake: Intake, store: Store, tracked: Run, client: Browser
) -> None:
    facets = {"parent": parent(tracked.reported_id, "lung", namespace=SPACE)}
    intake.take(run("child", "load", outputs=[table("shop.scans")], facets=facets))
    above, below = (client.get(f"/r/acme/jobs/runs/{one}").text for one in (tracked.id, store.run("child").id))

    assert f"/r/acme/jobs/runs/{store.run('child').id}" in above
    assert "shop.scans" in above
    assert ">Inputs and outputs<" in above.partition('class="tabs"')[2].partition("</nav>")[0]
    assert f"/r/acme/jobs/runs/{tracked.id}" in below


def test_events_that_name_a_tracked_run_itself_speak_of_the_same_run(
    intake: Intake, store: Store, tracked: Run, session: Session
) -> None:
    before, id_ = told(tracked), tracked.reported_id
    intake.take(run(id_, "load", "FAIL", outputs=[table("shop.scans")]))
    session.expire_all()
    assert told(store.run(id_)) == before
    assert store.interactions() == [("load", "shop.scans", "output", "WRITE")]


def test_a_rebuild_leaves_tracked_runs_and_their_plans_alone(
    intake: Intake, store: Store, tracked: Run, session: Session, database: Database, tmp_path: Path, realm: Realm
) -> None:
    before, id_ = told(tracked), tracked.reported_id
    facets = {"parent": parent(id_, "lung", namespace=SPACE)}
    intake.take(run("child", "load", facets=facets), run(id_, "load", "START"))
    with database.app.app_context():
        report = rebuild(lambda: Session(db.engine), realm.id, tmp_path)
    assert set(report.differences) <= {"lineage_search"}
    session.expire_all()
    assert told(store.run(id_)) == before


def test_a_sign_of_life_of_a_job_is_one_of_the_tracked_run_above(
    intake: Intake, store: Store, tracked: Run, session: Session
) -> None:
    tracked.silent_until = tracked.last_seen_at + timedelta(seconds=30)
    limit, id_ = tracked.silent_until, tracked.reported_id
    session.commit()
    facets = {"parent": parent(id_, "lung", namespace=SPACE)}
    later = 10_000_000
    intake.take(run("child", "load", "START", later, facets=facets))
    session.expire_all()
    assert (store.run(id_).silent_until or limit) > limit
