"""The state of the company at any moment: schemas, volumes, ids. Everything follows from (now, days, seed)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from random import Random
from uuid import UUID, uuid5

from app.demo.lake import LAKE_TABLES
from app.demo.model import Dataset, Field
from app.demo.sources import SOURCES
from app.demo.warehouse import WAREHOUSE

CATALOGUE: dict[str, Dataset] = {one.key: one for one in (*SOURCES, *LAKE_TABLES, *WAREHOUSE)}
NAMES = UUID("6f0d1f0e-6d0c-5c5a-9c37-0b1f6f6e5f11")
DBT_START = 5.0
WEEK = (0.92, 0.88, 0.90, 1.04, 1.24, 1.31, 0.81)
YEARLY_GROWTH = 0.9
OUTAGE_DAYS_BEFORE = 9
OUTAGE_SHARE = 0.34
CLICKS_FROM = 1_000_000  # people still looked at the shop, they could only not pay


@dataclass(frozen=True, slots=True)
class Change:
    """A schema change ``days`` before the incident's midnight, at ``hour``; an empty type drops the column."""

    days: int
    hour: float
    dataset: str
    column: str
    type: str = ""


CHANGES = (
    Change(24, 9.5, "customers", "loyalty_tier", "text"),
    Change(24, 16.4, "landing:customers", "loyalty_tier", "text"),
    Change(23, 2.1, "staging.customers", "loyalty_tier", "string"),
    Change(18, 13.2, "products", "allergens", "text"),
    Change(18, 16.4, "landing:products", "allergens", "text"),
    Change(17, 2.1, "staging.products", "allergens", "string"),
    Change(11, 10.1, "order_items", "quantity", "numeric(10,3)"),
    Change(11, 16.4, "landing:order_items", "quantity", "numeric(10,3)"),
    Change(10, 2.1, "staging.order_items", "quantity", "decimal(10,3)"),
    Change(10, 3.1, "core.order_items", "quantity", "decimal(10,3)"),
    Change(6, 11.0, "topic:app.clickstream.v2", "consent_level", "string"),
    Change(6, 12.5, "landing:clickstream", "consent_level", "string"),
    Change(6, 12.7, "staging.clickstream", "consent_level", "string"),
    Change(2, 14.2, "orders", "voucher_code"),
    Change(2, 16.4, "landing:orders", "voucher_code"),
    Change(1, 2.1, "staging.orders", "voucher_code"),
    Change(1, 3.1, "core.orders", "voucher_code"),
    Change(0, 4.01, "shop.orders", "VOUCHER_CODE"),
)


class World:
    """The company between ``now - days`` and ``now``; ``now`` must have a zone.

    ``incident`` is the midnight of the day whose dbt run breaks: the last that ended well before ``now``.
    """

    def __init__(self, now: datetime, days: int, seed: int) -> None:
        self.now = now.astimezone(UTC)
        self.start = self.now - timedelta(days=days)
        self.seed = seed
        self._rows: dict[tuple[str, int], int] = {}
        self._names = uuid5(NAMES, str(seed))

    @cached_property
    def incident(self) -> datetime:
        """Return the midnight of the day the marts broke."""
        latest = self.now - timedelta(hours=DBT_START + 1.5)
        return latest.replace(hour=0, minute=0, second=0, microsecond=0)

    @cached_property
    def _changes(self) -> dict[str, list[tuple[datetime, Change]]]:
        known: dict[str, list[tuple[datetime, Change]]] = {}
        for change in CHANGES:
            known.setdefault(change.dataset, []).append((self.before(change.days, change.hour), change))
        return known

    def before(self, days: float, hour: float = 0.0) -> datetime:
        """Return the moment ``days`` before the incident's midnight, plus ``hour``."""
        return self.incident - timedelta(days=days) + timedelta(hours=hour)

    def day(self, moment: datetime) -> int:
        """Return the whole days from the incident's midnight to ``moment``, negative before it."""
        return (moment - self.incident) // timedelta(days=1)

    def rng(self, *parts: object) -> Random:
        """Return a generator of its own for one thing, so that things do not disturb each other."""
        return Random(f"{self.seed}:{':'.join(map(str, parts))}")  # noqa: S311  dice for a story, not for secrets

    def run_id(self, *parts: object) -> str:
        """Return the run id of a thing; the same thing has the same id in every telling."""
        return str(uuid5(self._names, "/".join(map(str, parts))))

    def version(self, key: str, moment: datetime) -> int:
        """Return how many schema changes a dataset has seen at ``moment``."""
        return sum(at <= moment for at, _ in self._changes.get(key, ()))

    def fields(self, key: str, moment: datetime) -> tuple[Field, ...]:
        """Return the columns of a dataset at ``moment``."""
        fields = {one.name: one for one in dataset(key).fields}
        for at, change in self._changes.get(key, ()):
            if at > moment:
                continue
            if change.type:
                fields[change.column] = Field(change.column, change.type)
            else:
                fields.pop(change.column, None)
        return tuple(fields.values())

    def rows(self, key: str, moment: datetime) -> int:
        """Return the rows a dataset brings on the day of ``moment``, the same for every job that asks."""
        place = (key, self.day(moment))
        if place not in self._rows:
            self._rows[place] = self._count(dataset(key), moment, place[1])
        return self._rows[place]

    def _count(self, one: Dataset, moment: datetime, day: int) -> int:
        """Return usual rows, times growth, weekday, noise, and the outage for what follows the week."""
        dice = self.rng("rows", one.key, day)
        growth = 1 + YEARLY_GROWTH * day / 365
        if one.steady:
            return round(one.rows * (0.7 + 0.3 * growth) * dice.uniform(0.995, 1.005))
        outage = OUTAGE_SHARE if day == -OUTAGE_DAYS_BEFORE and one.rows < CLICKS_FROM else 1.0
        return round(one.rows * growth * WEEK[moment.weekday()] * outage * dice.uniform(0.95, 1.06))

    def bytes(self, key: str, moment: datetime) -> int:
        """Return the bytes of those rows, about 9 per column for columnar files and 14 elsewhere."""
        width = 9 if dataset(key).format == "parquet" else 14
        return self.rows(key, moment) * width * len(dataset(key).fields)


def dataset(key: str) -> Dataset:
    """Return a dataset of the catalogue; raises KeyError."""
    return CATALOGUE[key]


def mondays(world: World) -> list[datetime]:
    """Return the midnights of all Mondays of the story, oldest first."""
    first = world.start.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    days = [first + timedelta(days=n) for n in range((world.now - first).days + 1)]
    return [one for one, _ in pairwise([*days, world.now]) if one.weekday() == 0]
