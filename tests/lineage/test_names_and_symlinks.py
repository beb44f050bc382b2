"""One thing under several names: symlinks between datasets, addresses of one location; on stored rows."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import db
from app.jobs.models import Job, Run, Runner
from app.lineage.actions.symlinks import suppress_symlink
from app.lineage.models import Dataset, Edge, Storage, Symlink
from app.lineage.rebuild import rebuild
from app.locations.models import Address, Location
from app.realms.models import Realm
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.intake import ACTOR, Intake, Store
from tests.lineage.openlineage_events import dataset, facet, job, run, table

HIVE, LAKE, TOPICS = "hive://meta:9083", "s3://lake", "kafka://broker:9092"
PATH, TABLE, VIEW = "core/orders", "core.orders", "core.orders_view"


def link(*names: tuple[str, str], type_: str = "TABLE") -> dict[str, Any]:
    """Return a symlinks facet of (namespace, name)."""
    return facet(identifiers=[{"namespace": space, "name": name, "type": type_} for space, name in names])


def groups(session: Session) -> dict[str, str]:
    """Return every dataset's name with that of its canonical one."""
    rows = {row.id: row for row in session.scalars(select(Dataset))}
    return {row.name: rows[row.alias_for_dataset_id or row.id].name for row in rows.values()}


def edges(session: Session, store: Store) -> set[tuple[str, str]]:
    """Return (dataset as named, direction) of all edges."""
    names = {row.id: name for name, row in store.datasets().items()}
    return {(names[edge.dataset_id], edge.direction) for edge in session.scalars(select(Edge))}


def suppress(database: Database, why: str = "another system") -> None:
    """Take apart the oldest symlink of the realm that is not suppressed."""
    with database.app.app_context():
        session = db.session()
        session.info["unscoped"] = "the test acts for the realm"
        found = session.scalars(select(Symlink.id).where(Symlink.suppressed_at.is_(None)).order_by(Symlink.id)).first()
        assert found is not None
        suppress_symlink(session, found, why=why, actor=ACTOR)
        session.commit()


def rebuilt(database: Database, realm: Realm, folder: Path, *, check: bool = False) -> list[str]:
    """Rebuild the realm and return what differed."""
    with database.app.app_context():
        return rebuild(lambda: Session(db.engine), realm.id, folder, check=check).examples


@pytest.mark.parametrize("kind", ["run", "job", "dataset"])
def test_a_late_symlink_joins_two_datasets_that_already_have_edges(
    client: Browser, intake: Intake, store: Store, session: Session, kind: str
) -> None:
    intake.take(
        run("w", "write", outputs=[table(PATH, LAKE)], minute=1),
        run("r", "read", inputs=[table(TABLE, HIVE)], minute=2),
    )
    assert groups(session) == {PATH: PATH, TABLE: TABLE}
    before = edges(session, store)

    item = table(PATH, LAKE, symlinks=link((HIVE, TABLE)))
    late: dict[str, Any] = {
        "run": run("w", "write", outputs=[item], minute=3),
        "job": job("write", 3, outputs=[item]),
        "dataset": dataset(item, 3),
    }
    intake.take(late[kind])

    assert groups(session) == {PATH: TABLE, TABLE: TABLE}
    assert edges(session, store) == before == {(PATH, "output"), (TABLE, "input")}
    home, alias = store.dataset(TABLE), store.dataset(PATH)
    url = "/r/acme/lineage/datasets"
    assert client.get(f"{url}/{alias.id}").location.startswith(f"{url}/{home.id}?as=")
    for space, name in ((LAKE, PATH), (HIVE, TABLE)):
        asked = {"kind": "dataset", "namespace": space, "name": name}
        assert client.get("/r/acme/lineage/resolve", query_string=asked).status_code == 303


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_three_names_in_a_chain_are_one_group_in_any_order(intake: Intake, session: Session, order: Any) -> None:
    events = [
        run("a", "one", outputs=[table(PATH, LAKE, symlinks=link((HIVE, TABLE)))], minute=1),
        run("b", "two", inputs=[table(VIEW, HIVE, symlinks=link((HIVE, TABLE), type_="VIEW"))], minute=2),
        run("c", "three", inputs=[table("orders", TOPICS, symlinks=link((LAKE, PATH), type_="TOPIC"))], minute=3),
    ]

    intake.each([events[place] for place in order])

    assert groups(session) == dict.fromkeys([PATH, TABLE, VIEW, "orders"], TABLE)


@pytest.mark.parametrize(
    ("one", "other", "canonical"),
    [
        ((LAKE, "z"), (HIVE, "y"), "y"),
        ((TOPICS, "a"), ("postgres://db", "w.p.t"), "w.p.t"),
        ((LAKE, "a"), (TOPICS, "t"), "t"),
        (("postgres://db", "b"), ("postgres://db", "a"), "a"),
        (("s3://b", "a"), ("s3://a", "b"), "b"),
        (("", "x"), ("arn:aws:glue:eu-west-1:1", "table/d/t"), "table/d/t"),
    ],
)
def test_the_canonical_name_is_of_the_best_family_then_the_smallest(
    intake: Intake, session: Session, one: tuple[str, str], other: tuple[str, str], canonical: str
) -> None:
    intake.take(run("a", "load", outputs=[table(one[1], one[0], symlinks=link(other))]))

    assert groups(session) == {one[1]: canonical, other[1]: canonical}


def test_a_symlink_to_itself_or_without_a_name_joins_nothing(intake: Intake, session: Session) -> None:
    broken: Any = [None, 3, {"namespace": HIVE}, {"name": ""}, {"namespace": LAKE, "name": PATH, "type": "TABLE"}]
    intake.take(run("a", "load", outputs=[table(PATH, LAKE, symlinks=facet(identifiers=broken))]))

    assert groups(session) == {PATH: PATH}
    assert session.scalars(select(Symlink)).all() == []


def test_each_ordered_pair_and_type_is_one_row_with_first_and_last_report(intake: Intake, session: Session) -> None:
    for minute in (5, 1, 9):
        intake.take(run(f"r{minute}", "load", outputs=[table(PATH, LAKE, symlinks=link((HIVE, TABLE)))], minute=minute))
    intake.take(run("x", "load", outputs=[table(TABLE, HIVE, symlinks=link((LAKE, PATH), type_="LOCATION"))]))

    rows = session.scalars(select(Symlink).order_by(Symlink.type.desc())).all()
    assert [row.type for row in rows] == ["TABLE", "LOCATION"]
    assert [(row.first_at.minute, row.last_at.minute) for row in rows] == [(1, 9), (0, 0)]


def test_a_suppressed_symlink_splits_the_names_also_after_reports_and_a_rebuild(
    database: Database, intake: Intake, store: Store, session: Session, realm: Realm, tmp_path: Path
) -> None:
    item = table(PATH, LAKE, symlinks=link((HIVE, TABLE)))
    intake.take(run("w", "write", outputs=[item]), run("r", "read", inputs=[table(TABLE, HIVE)]))
    before = edges(session, store)
    suppress(database)
    apart = {PATH: PATH, TABLE: TABLE}
    assert groups(session) == apart

    intake.take(run("w2", "write", outputs=[item], minute=9))
    assert groups(session) == apart

    assert rebuilt(database, realm, tmp_path, check=True) == []
    rebuilt(database, realm, tmp_path)
    assert groups(session) == apart
    assert edges(session, store) == before
    row = session.scalars(select(Symlink)).one()
    assert (row.suppressed_by, row.suppressed_why) == (ACTOR.name, "another system")


def test_suppressing_the_middle_of_a_chain_leaves_the_rest_together(
    database: Database, intake: Intake, session: Session
) -> None:
    intake.take(run("a", "one", outputs=[table(PATH, LAKE, symlinks=link((HIVE, TABLE)))]))
    intake.take(run("b", "two", inputs=[table(VIEW, HIVE, symlinks=link((HIVE, TABLE)))]))

    suppress(database)

    assert groups(session) == {PATH: PATH, VIEW: TABLE, TABLE: TABLE}


def locations(session: Session) -> dict[str, int]:
    """Return every address with the location it belongs to."""
    return {row.url: row.location_id for row in session.scalars(select(Address))}


BROKERS = ["kafka://a:9092,b:9092", "kafka://b:9092,c:9092", "kafka://c:9092"]


@pytest.mark.parametrize("order", list(permutations(BROKERS)))
def test_brokers_named_in_part_are_one_location_in_any_order(
    intake: Intake, session: Session, order: tuple[str, ...]
) -> None:
    engine = {"processing_engine": facet(name="connect", version="3.7")}
    for number, namespace in enumerate(order):
        item = table("topic", namespace)
        intake.take(run(f"r{number}", f"j{number}", outputs=[item], namespace=namespace, facets=engine))

    assert len(set(locations(session).values())) == 1
    canonical = next(iter(locations(session).values()))
    rows = session.scalars(select(Location)).all()
    assert {row.merged_into_id for row in rows if row.id != canonical} <= {canonical}
    assert canonical == min(row.id for row in rows)
    assert [(row.location_id, row.name) for row in session.scalars(select(Storage))] == [(canonical, None)]
    assert sorted(session.scalars(select(Dataset.namespace))) == sorted(order)
    assert len(set(session.scalars(select(Dataset.storage_id)))) == 1
    assert set(session.scalars(select(Job.location_id))) == {canonical}
    runner = session.scalars(select(Runner)).one()
    assert (runner.location_id, set(session.scalars(select(Run.runner_id)))) == (canonical, {runner.id})


def test_a_job_in_hand_moves_with_its_location(intake: Intake, store: Store, session: Session) -> None:
    intake.take(run("1", "one", namespace="kafka://a:9092"), run("2", "two", namespace="kafka://b:9092"))
    joining = table("topic", "kafka://a:9092,b:9092")
    intake.take(run("3", "two", outputs=[joining], namespace="kafka://b:9092", minute=3))

    assert store.jobs()["one"].location_id == store.jobs()["two"].location_id
    assert session.scalars(select(Location.id).where(Location.merged_into_id.is_(None))).one()


def test_brokers_named_in_part_within_one_batch_are_one_location(intake: Intake, session: Session) -> None:
    intake.take(*[run(f"r{n}", "j", outputs=[table("topic", name)]) for n, name in enumerate(BROKERS[::-1])])

    kafka = {where for url, where in locations(session).items() if url.startswith("kafka")}
    assert len(kafka) == 1
    assert set(session.scalars(select(Storage.location_id))) == kafka


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("postgres://db", "postgresql://DB:5432"),
        ("mssql://h", "sqlserver://h:1433"),
        ("s3a://bucket", "s3://bucket"),
        ("mysql://h:3306", "mysql://h"),
    ],
)
def test_default_ports_and_synonyms_are_one_location_and_still_two_datasets(
    intake: Intake, session: Session, one: str, other: str
) -> None:
    intake.take(run("a", "load", outputs=[table("d.s.t", one)], namespace=one))
    intake.take(run("b", "load", outputs=[table("d.s.t", other)], namespace=one))

    assert len(session.scalars(select(Location)).all()) == 1
    assert len(session.scalars(select(Storage)).all()) == 1
    rows = session.scalars(select(Dataset)).all()
    assert {row.namespace for row in rows} == {one, other}
    assert {row.alias_for_dataset_id for row in rows} == {None}


@pytest.mark.parametrize(
    "namespace", ["postgres://db:None", "", "C:\\x", "postgres://bücher.example:5432", "🎉", "://"]
)
def test_an_odd_namespace_is_stored_as_sent(intake: Intake, store: Store, session: Session, namespace: str) -> None:
    intake.take(run("a", "load", outputs=[table("d.s.t", namespace)], namespace=namespace))

    assert (store.dataset("d.s.t").namespace, store.jobs()["load"].namespace) == (namespace, namespace)
    assert session.scalars(select(Address.url)).all() == [namespace]
