"""Noise and groups: what is hidden and joined, counted, and shown again."""

import random
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.lineage.models import GraphRule
from app.realms.models import Realm
from tests.databases import Database, material
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import WAREHOUSE, job_type, run, symlinks, table
from tests.lineage.walks import Graphs

LAKE = "s3://lake"


@pytest.fixture
def graphs(database: Database, realm: Realm, store: Store) -> Graphs:
    return Graphs(database, realm, store)


@pytest.fixture
def partitions(intake: Intake) -> None:
    days = [f"sales/day=2026-02-{n + 1:02}" if n < 28 else f"sales/day=2026-03-{n - 27:02}" for n in range(34)]
    intake.take(
        *(
            run(f"w{n}", "write", minute=n, outputs=[table(day, LAKE, counts={"rowCount": 10})])
            for n, day in enumerate(days)
        ),
        run("r", "read", minute=50, inputs=[table(day, LAKE) for day in days[:2]], outputs=[table("sums")]),
    )


@pytest.mark.usefixtures("partitions")
def test_partitions_are_one_node_with_sums(graphs: Graphs) -> None:
    found = graphs.ask("sales/day=2026-02-01", depth=1)

    assert found.names == {"sales", "write", "read"}
    group = found["sales"]
    assert (group.kind, group.label, len(group.members)) == ("group", "sales (34 partitions)", 34)
    assert (LAKE, "sales/day=2026-03-06") in group.names
    line = found.lines["write", "sales"]
    assert (line.runs, line.rows) == (34, 340)
    assert found.lines["sales", "read"].runs == 2
    assert found["write"].hidden_down == 0


@pytest.mark.usefixtures("partitions")
def test_groups_are_reached_opened_hidden_and_switched_off(graphs: Graphs) -> None:
    by_job = graphs.ask("job:write")
    group = by_job["sales"].token
    start = [("start", str(graphs.token("job:write")))]

    assert by_job["sales"].hidden_down == 1
    assert graphs.raw([*start, ("open", f"{group}.down")]).names == {"write", "sales", "read"}
    assert graphs.raw([*start, ("hide", str(group))]).names == {"write"}
    assert len(graphs.ask("job:write", group="off").names) == 35
    assert len(graphs.ask("job:write", group="off", jobs="job", direction="down", depth=2).names) == 36
    assert graphs.ask("sums", jobs="hidden").names == {"sums", "sales"}


def test_a_partition_alone_is_no_group(graphs: Graphs, intake: Intake) -> None:
    intake.take(run("w", "write", outputs=[table("sales/day=2026-02-01", LAKE)]))

    assert graphs.ask("job:write").names == {"write", "sales/day=2026-02-01"}


@pytest.fixture
def noisy(intake: Intake) -> None:
    intake.take(
        run("r", "load", inputs=[table("A"), table("tmp_a"), table("x", "inmemory://")], outputs=[table("B")]),
        run("t", "check", inputs=[table("B")], job_facets=job_type("DBT", "TEST")),
    )


@pytest.mark.usefixtures("noisy")
def test_noise_is_hidden_counted_and_shown_on_demand(graphs: Graphs) -> None:
    found = graphs.ask("B", depth=2)

    assert found.names == {"A", "load", "B"}
    assert found.found.omitted["noise"] == 3
    assert (found["load"].hidden_up, found["B"].hidden_down) == (0, 0)
    shown = graphs.ask("B", depth=2, noise="show")
    assert shown.names == {"A", "tmp_a", "x", "load", "B", "check"}
    assert shown.found.omitted["noise"] == 0


@pytest.mark.usefixtures("noisy")
def test_a_start_that_is_noise_is_shown_all_the_same(graphs: Graphs) -> None:
    assert graphs.ask("tmp_a").names == {"tmp_a", "load"}
    assert graphs.ask("job:check").names == {"check", "B"}


@pytest.mark.usefixtures("noisy")
def test_a_rule_of_the_realm_counts_at_once_and_can_replace_a_default(
    graphs: Graphs, session: Session, realm: Realm
) -> None:
    session.add(GraphRule(realm_id=realm.id, kind="noise", pattern="**/A", name="no A"))
    session.add(GraphRule(realm_id=realm.id, kind="noise", pattern="**/tmp_*", name="off", enabled=False))
    session.commit()

    assert graphs.ask("B", depth=2).names == {"tmp_a", "load", "B"}


def test_a_storage_or_location_stands_for_its_datasets(graphs: Graphs, intake: Intake, store: Store) -> None:
    intake.take(run("r", "load", inputs=[table("db.raw.a"), table("db.raw.b")], outputs=[table("c", LAKE)]))
    storage = store.dataset("db.raw.a").storage_id
    found = graphs.raw([("start", f"storage:{storage}")])

    assert found.distances == {"db.raw.a": 0, "db.raw.b": 0, "load": 1}


def test_odd_names_are_no_trouble(graphs: Graphs, intake: Intake) -> None:
    names = ['a"b\\c{d}/day=1', 'a"b\\c{d}/day=2', "x" * 4_000, "naïve 🦆/%_", "{1,2}", "a*b"]
    intake.take(run("r", "j'; --", inputs=[table(name) for name in names], outputs=[table("out")]))
    found = graphs.ask("out", depth=2)

    assert len(found.names) == 7
    assert 'a"b\\c{d}' in found.names


@pytest.mark.usefixtures("partitions")
def test_aliases_of_a_group_member_belong_to_the_group(graphs: Graphs, intake: Intake) -> None:
    from tests.lineage.openlineage_events import dataset

    intake.take(dataset(table("sales/day=2026-02-01", LAKE, symlinks=symlinks("first", namespace=WAREHOUSE)), 60))
    found = graphs.ask("job:write")

    assert {"write", "sales"} <= found.names


def events() -> list[bytes]:
    folder = material("openlineage")
    lines: list[bytes] = []
    for path in sorted(folder.glob("*.ndjson")) + sorted(folder.glob("*.jsonl")):
        if not path.name.startswith("invalid"):
            lines += [line for line in path.read_bytes().splitlines() if line.strip()]
    return lines


@pytest.mark.parametrize("more", [{}, {"noise": "show", "group": "off"}, {"jobs": "hidden"}])
def test_expanders_of_real_events_count_what_opening_adds(
    graphs: Graphs, intake: Intake, store: Store, more: dict[str, Any]
) -> None:
    intake.send(*events())
    names = sorted(str(row.id) for row in store.datasets().values())
    for id_ in random.Random(4).sample(names, 12):
        base = [("start", f"dataset:{id_}"), ("view", "ever"), ("max", "250"), *more.items()]
        before = graphs.raw(base)
        if before.found.truncated:
            continue
        for box in list(before.found.nodes.values())[:4]:
            for side, count in (("up", box.hidden_up), ("down", box.hidden_down)):
                after = graphs.raw([*base, ("open", f"{box.token}.{side}")])
                fresh = [
                    token for token in after.found.nodes if token not in before.found.nodes and token.kind != "stub"
                ]
                assert len(fresh) + after.found.omitted["max"] == count, (box.token, side)
