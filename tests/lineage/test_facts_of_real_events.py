"""Events of real clients give the facts that were worked out independently, in any order and with repeats."""

import json
import random
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests import factories
from tests.databases import Database, material
from tests.lineage.intake import Intake

ASIDE = {"ties_matter", "deviations", "invalid"}
Lines = list[bytes]


@cache
def expected() -> dict[str, Any]:
    """Return the facts beside the events."""
    found = json.loads(material("openlineage", "facts.json").read_text())
    assert isinstance(found, dict)
    return found


def files(*, ties: bool = True) -> dict[str, Lines]:
    """Return the lines of every valid file; without ``ties`` only of those whose order cannot matter."""
    names = [name for name in sorted(expected()["files"]) if not name.startswith("invalid")]
    return {
        name: [line for line in material("openlineage", name).read_bytes().splitlines() if line.strip()]
        for name in names
        if ties or not expected()["files"][name].get("ties_matter")
    }


def different(found: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """Return the keys whose facts differ."""
    return sorted(key for key in (found.keys() | wanted.keys()) - ASIDE if found.get(key) != wanted.get(key))


def shuffled(lines: Lines, seed: str) -> Lines:
    """Return the lines in another order, a fifth of them twice; those of one eventTime keep their order."""
    chance = random.Random(seed)
    numbers = [*range(len(lines)), *chance.sample(range(len(lines)), -(-len(lines) // 5))]
    chance.shuffle(numbers)
    times = [json.loads(line)["eventTime"] for line in lines]
    ties = defaultdict(list)
    for number in sorted(numbers, reverse=True):
        ties[times[number]].append(number)
    return [lines[ties[times[number]].pop()] for number in numbers]


def sizes(seed: str) -> list[int]:
    """Return random sizes of batches."""
    chance = random.Random(seed)
    return [chance.randint(1, 40) for _ in range(100)]


ORDERS: dict[str, Callable[[str, Lines], Lines]] = {
    "given": lambda _, lines: lines,
    "reversed": lambda _, lines: lines[::-1],
    "shuffled": lambda name, lines: shuffled(lines, name),
    "shuffled again": lambda name, lines: shuffled(lines, name * 2),
}


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
@pytest.mark.parametrize("order", ORDERS)
def test_every_file_alone_gives_its_facts(database: Database, session: Session, order: str) -> None:
    wrong = {}
    for number, (name, lines) in enumerate(files(ties=order == "given").items()):
        intake = Intake(database, factories.make_realm(session, f"r{number}"))
        intake.in_batches(ORDERS[order](name, lines), sizes(name) if order != "given" else ())
        if keys := different(intake.facts(), expected()["files"][name]):
            wrong[name] = keys

    assert wrong == {}


def test_all_files_together_give_the_facts_of_all(intake: Intake) -> None:
    intake.in_batches([line for lines in files().values() for line in lines], [500])

    assert different(intake.facts(), expected()["all"]) == []


@pytest.mark.parametrize("seed", ["one", "another"])
def test_all_files_shuffled_with_repeats_in_random_batches_give_equal_facts(
    database: Database, session: Session, seed: str
) -> None:
    lines = [line for lines in files(ties=False).values() for line in lines]
    straight, mixed = (Intake(database, factories.make_realm(session, name)) for name in ("straight", "mixed"))
    straight.take(*lines)
    chance = random.Random(seed)
    twice = shuffled(lines, seed)
    while twice:
        size = chance.randint(1, 120)
        mixed.send(*twice[:size], source=chance.choice(["http", "batch", "file", "kafka"]))
        twice = twice[size:]

    assert different(mixed.facts(), straight.facts()) == []
