"""Programs of partners whose runs the story tracks: plain values, put in by ``tracked`` through the jobs' actions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from app.jobs.progress.plan import PlannedStep, PlannedValue

SEED = 20
TRAFFIC_SINCE = 12
STORES = {
    "store-berlin": "Greenbasket Berlin",
    "store-hamburg": "Greenbasket Hamburg",
    "store-munich": "Greenbasket Munich",
}
ROUTES, SHELVES, TRAINING = "delivery-routes", "shelf-scan", "shelf-model-training"
CAMERA = "camera 7 of aisle 4 has sent no picture for 12 minutes"


@dataclass(frozen=True, slots=True)
class Partner:
    """A program and the versions of its plan, oldest first."""

    login: str
    name: str
    tag: str
    title: str
    versions: tuple[tuple[str, tuple[PlannedStep, ...]], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One event: minutes before now, and what it says."""

    ago: float
    kind: str
    step: str | None = None
    values: dict[str, Any] | None = None
    fraction: float | None = None
    progress: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A run and what it reports; ``due_in`` minutes from now, below 0 when it is late."""

    job: str
    external_id: str
    name: str
    customer: str | None = None
    version: str | None = None
    told: tuple[Told, ...] = ()
    log: tuple[str, ...] = ()
    due_in: float | None = None
    planned: bool = field(default=True)


OPTIMISE = PlannedStep(
    "optimise", "Find the shortest tours", 10,
    metadata=(PlannedValue("Distance", "number", "km"), PlannedValue("Vans", "number")),
)  # fmt: skip
LOAD = PlannedStep("load", "Load the orders", 1, metadata=(PlannedValue("Orders", "number"),))
TRAFFIC = PlannedStep("traffic", "Ask for the traffic", 2)
PUBLISH = PlannedStep("publish", "Send the tours to the vans", 1, metadata=(PlannedValue("Map", "link"),))
SCAN = (
    PlannedStep("fetch", "Fetch the pictures", 1, metadata=(PlannedValue("Pictures", "number"),)),
    PlannedStep(
        "detect", "Find the products", 8,
        metadata=(
            PlannedValue("Products", "number"),
            PlannedValue("Confidence", "number", "%"),
            PlannedValue("Model", private=True),
        ),
    ),
    PlannedStep("compare", "Compare with the planogram", 3, metadata=(PlannedValue("Gaps", "number"),)),
    PlannedStep("report", "Write the report", 1, metadata=(PlannedValue("Report", "link"),)),
)  # fmt: skip
PARTNERS = (
    Partner("route-planner", "Route planner", ROUTES, "Delivery routes",
            (("2.0.0", (LOAD, OPTIMISE, PUBLISH)), ("2.1.0", (LOAD, TRAFFIC, OPTIMISE, PUBLISH)))),
    Partner("shelf-vision", "Shelf vision", SHELVES, "Shelf scan", (("1.3.0", SCAN),)),
)  # fmt: skip


def attempts() -> Iterator[Attempt]:
    """Yield the runs of the last weeks, oldest first, and those of this moment."""
    chance = Random(SEED)  # noqa: S311 - a story, not a secret
    for day in range(21, 0, -1):
        for place, store in enumerate(STORES):
            version = "2.0.0" if day > TRAFFIC_SINCE else "2.1.0"
            yield _routes(chance, f"{day}-{store[6:]}", store, day * 1440 - 40 * place, version)
        for place, store in enumerate(list(STORES)[: 2 if day % 3 else 1]):
            yield _scan(chance, f"{day}-{store[6:]}", store, day * 1440 - 300 - 90 * place, fails=day in {4, 9})
    yield from _now(chance)


def _routes(chance: Random, id_: str, store: str, ago: float, version: str, *, until: float = 1.0) -> Attempt:
    """Return a run of some 22 minutes that began ``ago``; ``until`` is how much of it has happened."""
    lasts = 22 * chance.uniform(0.88, 1.15)
    orders, vans = chance.randint(180, 420), chance.randint(5, 11)
    values: dict[str, dict[str, Any]] = {
        "load": {"Orders": orders},
        "optimise": {"Distance": round(vans * chance.uniform(38, 52), 1), "Vans": vans},
        "publish": {"Map": f"https://routes.greenbasket.example/tours/{id_}"},
    }
    steps = [("load", 0.08), ("traffic", 0.2), ("optimise", 0.94), ("publish", 1.0)]
    told = _steps([step for step in steps if version > "2.0.0" or step[0] != "traffic"], values, ago, lasts, until)
    return Attempt(ROUTES, f"tours-{id_}", f"Tours of {STORES[store]}", store, version, tuple(told))


def _scan(chance: Random, id_: str, store: str, ago: float, *, fails: bool = False, until: float = 1.0) -> Attempt:
    lasts = 48 * chance.uniform(0.85, 1.2)
    values: dict[str, dict[str, Any]] = {
        "fetch": {"Pictures": chance.randint(900, 1400)},
        "detect": {
            "Products": chance.randint(20_000, 26_000),
            "Confidence": round(chance.uniform(93, 98), 1),
            "Model": "shelfnet-7",
        },
        "compare": {"Gaps": chance.randint(12, 90)},
        "report": {"Report": f"https://shelves.greenbasket.example/reports/{id_}"},
    }
    steps = [("fetch", 0.1), ("detect", 0.75), ("compare", 0.97), ("report", 1.0)]
    told = _steps(steps, values, ago, lasts, 0.4 if fails else until)
    if fails:
        told.append(Told(ago - 0.42 * lasts, "error", "detect", reason=CAMERA))
    log = _log(fails=fails) if fails or until < 1 else ()
    return Attempt(SHELVES, f"scan-{id_}", f"Shelves of {STORES[store]}", store, None, tuple(told), log)


def _steps(
    steps: list[tuple[str, float]], values: dict[str, dict[str, Any]], ago: float, lasts: float, until: float
) -> list[Told]:
    """Return a start, each step as it ends, and how far the one in hand is; ``steps`` end at a share of the whole."""
    found, begins = [], 0.0
    for tag, ends in steps:
        if begins >= until:
            break
        found.append(Told(ago - begins * lasts, "running", tag))
        if ends <= until:
            found.append(Told(ago - ends * lasts, "step", tag, values.get(tag)))
        elif until > begins:
            fraction = round((until - begins) / (ends - begins), 2)
            found.append(Told(ago - until * lasts, "running", tag, fraction=fraction))
        begins = ends
    return found


def _log(*, fails: bool) -> tuple[str, ...]:
    lines = [f"aisle {aisle}: {40 + aisle * 7 % 13} pictures, {900 + aisle * 37} products" for aisle in range(1, 30)]
    return (*lines, f"\x1b[31mERROR\x1b[0m {CAMERA}", "giving up, secret=hunter2-4711") if fails else tuple(lines)


def _now(chance: Random) -> Iterator[Attempt]:
    """Yield one run of each state a person may meet today."""
    yield _scan(chance, "today-munich", "store-munich", 65, fails=True)
    yield _scan(chance, "today-berlin", "store-berlin", 31, until=0.62)
    yield _routes(chance, "today-berlin", "store-berlin", 14, "2.1.0", until=0.6)
    late = _routes(chance, "today-hamburg", "store-hamburg", 55, "2.1.0", until=0.9)
    yield Attempt(late.job, late.external_id, late.name, late.customer, late.version, late.told, due_in=-18)
    yield Attempt(ROUTES, "tours-today-munich", "Tours of Greenbasket Munich", "store-munich", "2.1.0", due_in=90)
    told = tuple(Told(180 - 4 * epoch, "running", progress=min(99.0, 2.5 * epoch)) for epoch in range(16))
    started = (Told(181, "running"), *told)
    yield Attempt(TRAINING, "epochs-40", "Forty epochs of shelfnet-8", told=started, planned=False)
