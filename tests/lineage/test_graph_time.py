"""Time in the graph: what counts now, in a window, ever, and as of a day."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.lineage.models import Interaction, Retention
from app.realms.models import Realm
from tests.databases import Database
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import run, table
from tests.lineage.walks import Graphs

DAY = 24 * 60.0


@pytest.fixture
def graphs(database: Database, realm: Realm, store: Store) -> Graphs:
    return Graphs(database, realm, store)


def noon(day: int) -> datetime:
    """Return noon so many days after 1 March 2026."""
    return datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=day)


@pytest.fixture
def moved(intake: Intake) -> None:
    """A job that wrote t_a on 2 March and t_b on the day after."""
    intake.take(run("r1", "j", minute=0, outputs=[table("t_a")]), run("r2", "j", minute=DAY, outputs=[table("t_b")]))


@pytest.mark.usefixtures("moved")
def test_a_table_no_longer_written_leaves_the_current_view_with_the_window(graphs: Graphs) -> None:
    assert graphs.ask("job:j", now=noon(5)).names == {"j", "t_a", "t_b"}
    assert graphs.ask("job:j", now=noon(31)).names == {"j", "t_a", "t_b"}
    assert graphs.ask("job:j", now=noon(32)).names == {"j", "t_b"}
    assert graphs.ask("job:j", now=noon(400)).names == {"j", "t_b"}
    assert graphs.ask("t_a", now=noon(400)).names == {"t_a"}
    assert graphs.ask("job:j", now=noon(400), view="ever").names == {"j", "t_a", "t_b"}


@pytest.mark.usefixtures("moved")
def test_as_of_a_day_shows_the_graph_of_that_day(graphs: Graphs) -> None:
    then = graphs.ask("job:j", as_of="2026-03-02")

    assert then.names == {"j", "t_a"}
    assert then["j"].last_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert graphs.ask("job:j", as_of="2026-03-02", now=noon(40)).names == {"j", "t_a"}
    assert graphs.ask("job:j", as_of="2026-03-02T00:00:01Z").names == {"j", "t_a"}
    assert then.found.notes[0].startswith("As it was at the end of 2 March 2026 UTC")
    assert graphs.ask("job:j", as_of="2026-03-01").names == {"j"}


@pytest.mark.usefixtures("moved")
def test_a_window_shows_what_was_seen_within_it(graphs: Graphs) -> None:
    assert graphs.ask("job:j", since="2026-03-03").names == {"j", "t_b"}
    assert graphs.ask("job:j", until="2026-03-02").names == {"j", "t_a"}
    assert graphs.ask("job:j", since="2026-03-04", now=noon(9)).names == {"j"}


def test_a_job_that_last_ran_two_years_ago_keeps_its_edges(graphs: Graphs, intake: Intake) -> None:
    intake.take(
        run("r", "yearly", inputs=[table("raw")], outputs=[table("sums")], eventTime="2024-03-01T10:00:00Z"),
        run("s", "daily", inputs=[table("sums")], outputs=[table("out")]),
    )
    found = graphs.ask("sums", depth=2)

    assert found.names == {"raw", "yearly", "sums", "daily", "out"}
    assert found.lines["yearly", "sums"].last_seen == datetime(2024, 3, 1, tzinfo=UTC)


def test_a_part_no_longer_run_by_its_application_is_history(graphs: Graphs, intake: Intake) -> None:
    from tests.lineage.openlineage_events import job_type, parent

    def command(run_id: str, name: str, out: str, minute: float) -> None:
        facets, spark = {"parent": parent("app", "app")}, job_type("SPARK", "JOB")
        intake.take(run(run_id, name, minute=minute, outputs=[table(out)], facets=facets, job_facets=spark))

    intake.take(run("app", "app", job_facets=job_type("SPARK", "APPLICATION")))
    command("c1", "app.to_a", "t_a", 0)
    command("c2", "app.to_b", "t_b", 40 * DAY)

    assert graphs.ask("job:app", now=noon(42)).names == {"app", "t_b"}
    assert graphs.ask("t_a", now=noon(42)).names == {"t_a"}
    assert graphs.ask("job:app", now=noon(5)).names == {"app", "t_a"}
    assert graphs.ask("job:app.to_a", fold="none", now=noon(42)).names == {"app.to_a", "t_a"}


def test_run_states_are_those_of_the_moment(graphs: Graphs, intake: Intake) -> None:
    intake.take(
        run("r", "j", "START", 0, outputs=[table("t")]),
        run("r", "j", "FAIL", DAY, outputs=[table("t")]),
        run("s", "j", "START", 2 * DAY, outputs=[table("t")]),
        run("s", "j", "COMPLETE", 2 * DAY + 1, outputs=[table("t")]),
    )
    states = {day: graphs.ask("t", as_of=f"2026-03-0{day}")["j"].state for day in (2, 3, 4)}

    assert states == {2: "running", 3: "failed", 4: "completed"}
    assert states == {day: graphs.ask("t", as_of=f"2026-03-0{day}", now=noon(40))["j"].state for day in states}
    running = graphs.ask("t", as_of="2026-03-02").lines["j", "t"]
    assert running.running_since == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert graphs.ask("t").lines["j", "t"].running_since is None


def test_a_dropped_table_is_marked_and_was_not_before(graphs: Graphs, intake: Intake) -> None:
    from tests.lineage.openlineage_events import facet

    dropped = facet(lifecycleStateChange="DROP")
    intake.take(
        run("r1", "j", minute=0, outputs=[table("t")]),
        run("r2", "j", minute=DAY, outputs=[table("t", lifecycleStateChange=dropped)]),
    )
    assert "dropped" in graphs.ask("t")["t"].marks
    assert "dropped" not in graphs.ask("t", as_of="2026-03-02")["t"].marks


@pytest.mark.usefixtures("moved")
def test_before_the_kept_history_the_first_day_is_told(graphs: Graphs, session: Session, realm: Realm) -> None:
    kept = datetime(2026, 3, 1, tzinfo=UTC)
    session.add(Retention(realm_id=realm.id, what="edges", kept_from=kept.date(), ran_at=kept))
    session.commit()

    assert any("1 March 2026" in note for note in graphs.ask("job:j", as_of="2026-02-01").found.notes)


def test_a_start_alone_says_why(graphs: Graphs, intake: Intake) -> None:
    from tests.lineage.openlineage_events import dataset, job_type

    intake.take(
        dataset(table("lonely")),
        run("r", "j", outputs=[table("old")], eventTime="2024-03-01T10:00:00Z"),
        run("r2", "check", inputs=[table("checked")], job_facets=job_type("DBT", "TEST")),
    )
    assert graphs.ask("lonely").found.notes == ["No run ever told of inputs or outputs here."]
    assert graphs.ask("old", since="2026-03-01").found.notes == ["No runs in this view."]
    assert graphs.ask("checked").found.notes == ["Hidden as noise: 1."]
    assert graphs.ask("checked", noise="show").names == {"checked", "check"}


def test_datasets_stay_joined_when_the_runs_behind_are_no_longer_kept(
    graphs: Graphs, intake: Intake, session: Session, realm: Realm
) -> None:
    intake.take(run("r", "j", inputs=[table("A")], outputs=[table("B")]))
    assert graphs.ask("A", jobs="hidden").names == {"A", "B"}

    session.execute(delete(Interaction))
    session.commit()
    assert graphs.ask("A", jobs="hidden").names == {"A"}
    kept = datetime(2026, 3, 9, tzinfo=UTC)
    session.add(Retention(realm_id=realm.id, what="runs", kept_from=kept.date(), ran_at=kept))
    session.commit()
    assert graphs.ask("A", jobs="hidden").names == {"A", "B"}
