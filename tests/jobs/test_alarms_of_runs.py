"""The worker tells of runs that are silent, late or will be, each once per attempt (acceptance 14, 15 and 29)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.db import utcnow
from app.jobs.actions.watching import advance, watch
from app.jobs.models import Run
from tests.jobs.tracking import Program
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import moment, parent, run

MINUTE = timedelta(minutes=1)
SILENT: dict[str, Any] = {"silent_until": -1}
LATE: dict[str, Any] = {"deadline_at": -1, "eta_high_at": 5}
RISKY: dict[str, Any] = {"deadline_at": 5, "eta_high_at": 6}


@pytest.fixture
def going(intake: Intake, store: Store) -> Run:
    """A run that goes on."""
    intake.take(run("now", "load", "START", (utcnow() - moment(0)) / MINUTE))
    return store.run("now")


def told(session: Session, which: Run) -> list[str]:
    """Return what two turns of the worker told."""
    for _ in range(2):
        watch(session, which.realm_id, utcnow())
        session.commit()
    verbs = ("run.stalled", "run.late", "run.at_risk")
    return sorted(session.scalars(select(Change.verb).where(Change.verb.in_(verbs))))


@pytest.mark.parametrize(
    ("columns", "verbs"),
    [
        (SILENT, ["run.stalled"]),
        (LATE, ["run.late"]),
        (RISKY, ["run.at_risk"]),
        (SILENT | LATE, ["run.late", "run.stalled"]),
        ({"silent_until": 1, "deadline_at": 5, "eta_high_at": 4}, []),
        ({"silent_until": -10_081, "deadline_at": -10_081}, []),
        ({"silent_until": -10_081, "deadline_at": -10_081, "origin": "tracked"}, ["run.late", "run.stalled"]),
        (SILENT | LATE | {"status": "failed"}, []),
        (SILENT | LATE | {"role": "part"}, []),
        (SILENT | {"dismissed_at": 0}, []),
    ],
)
def test_each_notice_is_given_once(session: Session, going: Run, columns: dict[str, Any], verbs: list[str]) -> None:
    for name, value in columns.items():
        setattr(going, name, utcnow() + value * MINUTE if isinstance(value, int) else value)
    session.commit()
    assert told(session, going) == verbs


def test_a_run_at_risk_is_told_to_be_late_when_it_is(session: Session, going: Run) -> None:
    going.deadline_at, going.eta_high_at = utcnow() + MINUTE, utcnow() + 2 * MINUTE
    session.commit()
    assert told(session, going) == ["run.at_risk"]
    going.deadline_at = utcnow() - MINUTE
    session.commit()
    assert told(session, going) == ["run.at_risk", "run.late"]


def test_a_tracked_run_never_started_is_told_under_its_id_and_revives_once(session: Session, provider: Program) -> None:
    provider.register()
    opened = provider.open()
    one = session.scalars(select(Run)).one()
    one.silent_until = utcnow() - MINUTE
    session.commit()
    assert told(session, one) == ["run.stalled"]
    provider.send(opened, "step", "fetch")
    provider.send(opened, "info")
    rows = session.scalars(select(Change).where(Change.verb.in_(("run.stalled", "run.revived"))).order_by(Change.id))
    assert [(row.verb, row.entity_id) for row in rows] == [("run.stalled", str(one.id)), ("run.revived", str(one.id))]


def test_what_moves_below_a_run_is_logged_once_for_it(session: Session, intake: Intake, store: Store) -> None:
    start = (utcnow() - moment(0)) / MINUTE
    facets = {"parent": parent("now", "dag")}
    intake.take(run("now", "dag", "START", start), *(run(t, t, "START", start, facets=facets) for t in "abc"))
    intake.take(*(run(t, t, "COMPLETE", start, facets=facets) for t in "ab"))
    intake.take(run("c", "c", "RUNNING", start, facets=facets))
    number = str(store.run("now").number)
    told = select(Change.verb).where(Change.entity_id == number, Change.kind == "run").order_by(Change.id)
    assert list(session.scalars(told)) == ["run.created", "run.started", "run.advanced"]
    assert store.run("now").progress == 66.6


def test_progress_by_the_usual_time_grows_with_the_clock(session: Session, intake: Intake, store: Store) -> None:
    now = (utcnow() - moment(0)) / MINUTE
    intake.take(run("p", "load", "START", now - 99), run("p", "load", "COMPLETE", now - 79))
    intake.take(run("now", "load", "START", now))
    one = store.run("now")
    for minutes in (5, 5, 100, 101):
        write = advance(session, one.realm_id, utcnow() + minutes * MINUTE)
        if write is not None:
            write(session)
            session.expire_all()
    session.commit()
    assert (one.progress, one.progress_kind, one.eta_at) == (95.0, "estimated", None)
    grown = session.scalars(select(Change).where(Change.verb == "run.advanced")).all()
    assert [row.entity_id for row in grown] == [str(one.number)] * 2
