"""How the runs end that the story left open: the queued one begins, the late one arrives, the silent one wakes."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.demo.partners import ROUTES, SHELVES, STORES, TRAINING
from app.demo.simulator.fleet import EPOCH_PACE, Run, Told, opening, placed, steps

BERLIN, HAMBURG, MUNICH = STORES
TOURS = (("load", 0.08), ("traffic", 0.2), ("optimise", 0.94), ("publish", 1.0))
MAP: dict[str, Told] = {"publish": {"Map": "https://routes.greenbasket.example/tours/today"}}


def left_open(told_at: datetime) -> Iterator[Run]:
    """Yield the runs that the story left open when it was told, with what they say afterwards."""
    yield _run(ROUTES, "tours-today-munich", MUNICH, told_at, 2, list(steps(TOURS, MAP, 21 * 60, 30)))
    yield _run(ROUTES, "tours-today-berlin", BERLIN, told_at, 0.5, _rest("optimise", 0.55, 7.5, "publish"))
    yield _run(ROUTES, "tours-today-hamburg", HAMBURG, told_at, 1, _rest("optimise", 0.96, 5, "publish"))
    yield _run(SHELVES, "scan-today-berlin", BERLIN, told_at, 9, _rest("detect", 0.82, 11, "compare", "report"))
    epochs = [(EPOCH_PACE * number, _epoch(40 + 2.5 * number)) for number in range(24)]
    last: tuple[float, Told] = (EPOCH_PACE * 24, {"kind": "complete"})
    yield _run(TRAINING, "epochs-40", None, told_at, 1.5, [*epochs, last])


def _epoch(progress: float) -> Told:
    return {"kind": "running", "progress": progress}


def _rest(step: str, done: float, minutes: float, *others: str) -> list[tuple[float, Told]]:
    """Return how a step goes on from the share that is done, then the others, two minutes each."""
    count = int(minutes * 2)
    fractions = [round(done + (1 - done) * number / count, 3) for number in range(count)]
    told: list[tuple[float, Told]] = [
        (30.0 * number, {"kind": "running", "step": step, "fraction": fraction})
        for number, fraction in enumerate(fractions)
    ]
    told.append((minutes * 60, {"kind": "step", "step": step}))
    for place, tag in enumerate(others):
        begin = minutes * 60 + place * 120
        values = {"metadata": MAP[tag]} if tag in MAP else {}
        told.append((begin, {"kind": "running", "step": tag}))
        told += [(begin + 40 * third, {"kind": "running", "step": tag, "fraction": third / 3}) for third in (1, 2)]
        told.append((begin + 120, {"kind": "step", "step": tag} | values))
    return told


def _run(job: str, id_: str, store: str | None, told_at: datetime, after: float, told: list[tuple[float, Told]]) -> Run:
    """Return a run whose words begin some minutes after the story; the ids of its events are those of no other."""
    found = opening(job, id_, id_, store)
    return Run(told_at, found, tuple(placed(told_at + timedelta(minutes=after), told)))
