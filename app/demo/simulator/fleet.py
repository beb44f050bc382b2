"""The runs that partners' programs report while the demo is served: a pure function of seed and clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.demo.partners import CAMERA, ROUTES, SHELVES, STORES, TRAINING
from app.demo.simulator.slots import slots

PROVIDERS = {ROUTES: "route-planner", SHELVES: "shelf-vision", TRAINING: "shelf-vision"}
EVERY = {ROUTES: timedelta(minutes=20), SHELVES: timedelta(minutes=35), TRAINING: timedelta(hours=4)}
LONGEST = timedelta(hours=4)
NO_ROAD = "no way from depot 2 to stop 31: Hafenstrasse is closed until 18:00"
# Seconds between two words of a program: a scan counts as stalled after 60 s of silence.
TOUR_PACE, SCAN_PACE, EPOCH_PACE = 30.0, 40.0, 240.0
LINES = 5
FAILS, IS_LATE, FALLS_SILENT = 0.14, 0.55, 0.45
SILENCE = 720.0
Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Move:
    """What a program says at a moment: an event as the API takes it, or lines of its log with their offset."""

    at: datetime
    event: Told | None = None
    log: str = ""
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is opened at a moment, and all it will say, by time."""

    at: datetime
    opening: Told
    moves: tuple[Move, ...]

    @property
    def end(self) -> datetime:
        """Return when the program says its last word."""
        return self.moves[-1].at


def runs(seed: int, since: datetime, until: datetime) -> list[Run]:
    """Return the runs that are opened after ``since`` and not after ``until``."""
    begin, end = since + timedelta(microseconds=1), until + timedelta(microseconds=1)
    found = [
        run for job, every in EVERY.items() for at, dice in slots(begin, end, every, seed, job)
        for run in _made(job, at, dice)
    ]  # fmt: skip
    return sorted(found, key=lambda run: run.at)


def alive(seed: int, at: datetime) -> list[Run]:
    """Return the runs that were opened by then and have not said all."""
    return [run for run in runs(seed, at - LONGEST, at) if run.end > at]


def _made(job: str, at: datetime, dice: Random) -> Iterator[Run]:
    store = list(STORES)[int(at.timestamp() // EVERY[job].total_seconds()) % len(STORES)]
    name = f"{at:%m%d-%H%M}-{store[6:]}"
    if job == TRAINING:
        yield _training(f"epochs-{name[:9]}", at, dice)
    elif job == ROUTES:
        yield _tours(f"tours-{name}", store, at, dice)
    else:
        yield _scan(f"scan-{name}", store, at, dice)


def opening(job: str, external_id: str, name: str, customer: str | None = None, **more: Any) -> Told:
    """Return the body that opens a run; asked for again, it gives the same run however that ended."""
    found = {"job": job, "external_id": external_id, "name": name, "provider": PROVIDERS[job], "attempt": 1, **more}
    return found | ({"customer": customer} if customer else {})


def _tours(id_: str, store: str, at: datetime, dice: Random) -> Run:
    """Return a run that waits a while; some fail on the way, some end after their deadline."""
    begin, lasts = at + timedelta(minutes=dice.uniform(6, 19)), 22 * dice.uniform(0.88, 1.15)
    fails, vans = dice.random() < FAILS, dice.randint(5, 11)
    values: dict[str, Told] = {
        "load": {"Orders": dice.randint(180, 420)},
        "optimise": {"Distance": round(vans * dice.uniform(38, 52), 1), "Vans": vans},
        "publish": {"Map": f"https://routes.greenbasket.example/tours/{id_}"},
    }
    ends = (("load", 0.08), ("traffic", 0.2), ("optimise", 0.94), ("publish", 1.0))
    told = list(steps(ends, values, lasts * 60, TOUR_PACE))
    if fails:
        told = cut(told, lasts * 60 * dice.uniform(0.3, 0.8), "optimise", NO_ROAD)
    more = _due(begin + timedelta(seconds=told[-1][0]), dice, 7, 15)
    return Run(at, opening(ROUTES, id_, f"Tours of {STORES[store]}", store, **more), tuple(placed(begin, told)))


def _due(end: datetime, dice: Random, least: float, most: float) -> Told:
    """Return a deadline that some runs miss by so many minutes, others have none of their own."""
    late = end - timedelta(minutes=dice.uniform(least, most))
    return {"deadline_at": late.isoformat()} if dice.random() < IS_LATE else {}


def _scan(id_: str, store: str, at: datetime, dice: Random) -> Run:
    """Return a run that logs each aisle; some fail, some fall silent for minutes and go on."""
    lasts = 48 * 60 * dice.uniform(0.85, 1.2)
    values: dict[str, Told] = {
        "fetch": {"Pictures": dice.randint(900, 1400)},
        "detect": {"Products": dice.randint(20_000, 26_000), "Confidence": round(dice.uniform(93, 98), 1)},
        "compare": {"Gaps": dice.randint(12, 90)},
        "report": {"Report": f"https://shelves.greenbasket.example/reports/{id_}"},
    }
    ends = (("fetch", 0.1), ("detect", 0.75), ("compare", 0.97), ("report", 1.0))
    told = list(steps(ends, values, lasts, SCAN_PACE))
    if dice.random() < FAILS:
        told = cut(told, lasts * dice.uniform(0.2, 0.7), "detect", CAMERA)
    elif dice.random() < FALLS_SILENT:
        told = [(after + (SILENCE if after > lasts * 0.45 else 0), event) for after, event in told]
    moves = [*placed(at, told), *_aisles(at, told, dice)]
    more = _due(at + timedelta(seconds=told[-1][0]), dice, 12, 25)
    return Run(at, opening(SHELVES, id_, f"Shelves of {STORES[store]}", store, **more), tuple(sorted(moves, key=_when)))


def _training(id_: str, at: datetime, dice: Random) -> Run:
    """Return a run without a plan: forty epochs, a percentage of its own."""
    epochs = dice.randint(24, 40)
    told = [(EPOCH_PACE * number, {"kind": "running", "progress": round(100 * number / epochs, 1)})
            for number in range(epochs)]  # fmt: skip
    end = (EPOCH_PACE * epochs, {"kind": "complete"})
    more = _due(at + timedelta(seconds=end[0]), dice, 45, 90)
    return Run(at, opening(TRAINING, id_, f"{epochs} epochs of shelfnet-8", **more), tuple(placed(at, [*told, end])))


def steps(
    ends: tuple[tuple[str, float], ...], values: dict[str, Told], lasts: float, pace: float
) -> Iterator[tuple[float, Told]]:
    """Yield (seconds after the begin, event): a step begins, says how far it is, and ends at a share of the whole."""
    begin = 0.0
    for tag, end in ends:
        first, last = begin * lasts, end * lasts
        yield first, {"kind": "running", "step": tag}
        for number in range(1, int((last - first) // pace) + 1):
            fraction = round(number * pace / (last - first), 3)
            if fraction < 1:
                yield first + number * pace, {"kind": "running", "step": tag, "fraction": fraction}
        yield last, {"kind": "step", "step": tag} | ({"metadata": values[tag]} if tag in values else {})
        begin = end


def cut(told: list[tuple[float, Told]], after: float, step: str, reason: str) -> list[tuple[float, Told]]:
    """Return what is told until a step fails."""
    return [*(one for one in told if one[0] < after), (after, {"kind": "error", "step": step, "reason": reason})]


def placed(begin: datetime, told: list[tuple[float, Told]]) -> Iterator[Move]:
    """Yield events at their moments, with an id by which they count once; steps that meet are told one by one."""
    for place, (after, event) in enumerate(told):
        at = begin + timedelta(seconds=after, milliseconds=place)
        yield Move(at, event | {"event_id": f"s{place}", "occurred_at": at.isoformat()})


def _aisles(begin: datetime, told: list[tuple[float, Told]], dice: Random) -> Iterator[Move]:
    """Yield a line of log for each word of the program, five at a time, and in the end why it gave up."""
    offset, lines = 0, ""
    for aisle, (after, event) in enumerate(told, 1):
        lines += f"aisle {aisle}: {dice.randint(30, 60)} pictures, {dice.randint(800, 2_000)} products\n"
        if event["kind"] == "error":
            lines += f"\x1b[31mERROR\x1b[0m {CAMERA}\ngiving up\n"
        if aisle % LINES == 0 or aisle == len(told):
            yield Move(begin + timedelta(seconds=after), log=lines, offset=offset)
            offset, lines = offset + len(lines), ""


def _when(move: Move) -> datetime:
    return move.at
