"""Reach over events that were really taken in: against a search of its own, with hubs, aliases, time and statements."""

from collections import deque
from random import Random
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.db import db, scope, utcnow
from app.lineage.effects import effects
from app.lineage.graph.model import Question, Token
from app.realms.models import Realm
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import run, symlinks, table

Graph = dict[str, set[str]]


class Reacher:
    """Asks for the reach of a dataset by name."""

    def __init__(self, database: Database, realm: Realm, store: Store) -> None:
        self.database = database
        self.realm_id = realm.id
        self.store = store

    def __call__(self, name: str, direction: str = "down", **asked: Any) -> dict[str, int]:
        start = (Token("dataset", str(self.store.dataset(name).id)),)
        with self.database.app.app_context():
            session: Session = db.session()
            scope(session, self.realm_id)
            question = Question(start, direction=direction, **asked)
            found = effects(session, self.realm_id, question, "both", utcnow())
        assert len({row.spot for row in found.rows}) == len(found.rows)
        return {row.name: row.degree for row in found.rows}


@pytest.fixture
def reach(database: Database, realm: Realm, store: Store) -> Reacher:
    return Reacher(database, realm, store)


def searched(graph: Graph, start: str) -> dict[str, int]:
    found, waiting = {start: 0}, deque([start])
    while waiting:
        one = waiting.popleft()
        for other in sorted(graph.get(one, set()) - found.keys()):
            found[other] = found[one] + 1
            waiting.append(other)
    del found[start]
    return found


def turned(graph: Graph) -> Graph:
    found: Graph = {}
    for one, others in graph.items():
        for other in others:
            found.setdefault(other, set()).add(one)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_reach_of_every_dataset_of_a_random_graph_is_that_of_a_search(
    intake: Intake, reach: Reacher, seed: int
) -> None:
    dice, graph, events = Random(seed), dict[str, set[str]](), []
    for number in range(25):
        reads = dice.sample(range(18), dice.randint(0, 2))
        writes = dice.sample(range(18), dice.randint(1, 2))
        events.append(
            run(
                f"r{number}",
                f"j{number}",
                inputs=[table(f"d{one}") for one in reads],
                outputs=[table(f"d{one}") for one in writes],
            )
        )
        for one in reads:
            graph.setdefault(f"d{one}", set()).add(f"j{number}")
        graph[f"j{number}"] = {f"d{one}" for one in writes}
    intake.take(*events)
    names = sorted({name for name in [*graph, *turned(graph)] if name.startswith("d")})
    for name in names[:10]:
        assert reach(name) == searched(graph, name)
        assert reach(name, "up") == searched(turned(graph), name)


def test_a_hub_is_listed_whole(intake: Intake, reach: Reacher) -> None:
    events = [
        run(f"r{number}", f"j{number}", inputs=[table("hub")], outputs=[table(f"d{number}")]) for number in range(400)
    ]
    intake.take(*events)
    assert reach("hub") == {f"j{n}": 1 for n in range(400)} | {f"d{n}": 2 for n in range(400)}


def test_names_of_one_thing_are_one_step(intake: Intake, reach: Reacher) -> None:
    intake.take(
        run("r1", "j1", inputs=[table("a")], outputs=[table("b", symlinks=symlinks("b2"))]),
        run("r2", "j2", inputs=[table("b2")], outputs=[table("c")]),
    )
    assert reach("a") == {"j1": 1, "b": 2, "j2": 3, "c": 4}
    assert reach("c", "up") == {"j2": 1, "b": 2, "j1": 3, "a": 4}


def test_the_view_decides_what_counts(intake: Intake, reach: Reacher) -> None:
    day = 24 * 60
    intake.take(
        run("r1", "j", minute=0, inputs=[table("a")], outputs=[table("old")]),
        run("r2", "j", minute=90 * day, inputs=[table("a")], outputs=[table("new")]),
    )
    assert reach("a") == {"j": 1, "new": 2}
    assert reach("a", view="ever") == {"j": 1, "new": 2, "old": 2}


def test_statements_do_not_grow_with_what_is_reached(intake: Intake, store: Store, client: Browser) -> None:
    counts = []
    for start, length in (("a", 4), ("b", 40)):
        links = range(length)
        intake.take(
            *(
                run(f"{start}{n}", f"{start}j{n}", inputs=[table(f"{start}{n}")], outputs=[table(f"{start}{n + 1}")])
                for n in links
            )
        )
        counts.append(client.statements(f"/r/acme/lineage/impact?start=dataset:{store.dataset(f'{start}0').id}"))
    assert counts[1] <= counts[0] < 30
