"""What people say about jobs."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.jobs.models import Job, Owner
from app.realms.models import Realm
from tests.browser import Browser
from tests.databases import Database
from tests.factories import make_user
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import facet, run


def _job(session: Session, database: Database, realm: Realm) -> str:
    told = {"documentation": facet(description="Loads."), "ownership": facet(owners=[{"name": "team:core"}])}
    Intake(database, realm).take(run("r", "load", job_facets=told))
    return f"/r/acme/jobs/jobs/{session.scalars(select(Job.id)).one()}"


def test_a_job_is_described_owned_and_tagged(
    client: Browser, session: Session, database: Database, realm: Realm
) -> None:
    page = _job(session, database, realm)

    client.post(f"{page}/description", {"text": "Our **loader**"})
    client.post(f"{page}/owners", {"name": "ana"})
    answer = client.post(f"{page}/tags", {"key": "critical"})

    assert (answer.status_code, answer.location) == (303, f"{page}/about")
    shown = client.get(page).get_data(as_text=True)
    for words in ("Our <strong>loader</strong>", "Loads.", "ana", "team:core", "critical"):
        assert words in shown
    ana = session.scalars(select(Owner).where(Owner.name == "ana")).one()
    assert client.post(f"{page}/owners/{ana.id}/deletion").status_code == 303
    assert client.post(f"{page}/owners", {"name": ""}).status_code == 422
    verbs = session.scalars(select(Change.verb).where(Change.who == "owner").order_by(Change.id)).all()
    assert verbs == ["job.described", "job.owned", "job.tagged", "job.disowned"]


def test_a_reader_may_not_edit_a_job(visitor: Browser, session: Session, database: Database, realm: Realm) -> None:
    page = _job(session, database, realm)
    reader = visitor.as_(make_user(session, "reader", realm, "lineage.read"))

    assert reader.get(f"{page}/about").status_code == 403
    assert "/about" not in reader.get(page).get_data(as_text=True)
    assert reader.post(f"{page}/owners", {"name": "x"}).status_code == 403
