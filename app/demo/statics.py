"""What is declared rather than run: jobs that move data without reporting, and descriptions of datasets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.demo.described import Describer
from app.demo.facets import CLIENT, facet, schema, static_event
from app.demo.model import Dataset, Event, Facets
from app.demo.world import CATALOGUE, dataset

DECLARED = (
    ("kafka-connect", "s3-sink-clickstream", ("topic:app.clickstream.v2",), ("landing:clickstream",), "team:ingest"),
    ("debezium", "shop-orders-connector", ("orders",), ("topic:shop.orders.v1",), "team:ingest"),
    ("debezium", "shop-payments-connector", ("payments",), ("topic:shop.payments.v1",), "team:ingest"),
    (
        "shop",
        "checkout",
        ("slot_capacity", "vouchers", "customer_segments"),
        ("orders", "order_items", "payments"),
        "team:shop",
    ),
    ("bi", "dashboard.board-revenue", ("marts.mart_revenue_daily",), (), "team:finance"),
    ("bi", "dashboard.delivery-cockpit", ("marts.mart_delivery_punctuality", "marts.mart_stock_cover"), (), "team:ops"),
)
PEOPLE = {
    "team:ingest": "user:m.okafor",
    "team:analytics": "user:j.lindqvist",
    "team:finance": "user:p.moreau",
    "team:ml": "user:a.tanaka",
    "team:ops": "user:s.haddad",
}
PERSONAL = ("email", "full_name", "phone", "street")
TIERS = {"mart": "gold", "core": "silver"}
MIGRATION = """alter table public.orders drop column voucher_code;
-- vouchers moved to public.order_vouchers (several per order), see SHOP-4182"""


def static_events(describer: Describer) -> Iterator[Event]:
    """Yield declared jobs, one description per dataset, and the migration that broke the marts."""
    moment = describer.world.start + timedelta(minutes=1)
    for position, one in enumerate(CATALOGUE.values()):
        yield _described(describer, one, moment + timedelta(milliseconds=40 * position))
    for position, (namespace, name, reads, writes, owner) in enumerate(DECLARED):
        facets: Facets = {"ownership": facet("job.ownership", CLIENT, owners=[{"name": owner}])}
        facets["documentation"] = facet("job.documentation", CLIENT, description="Declared by hand; reports no runs.")
        yield _job(describer, (namespace, name, facets), (reads, writes), moment + timedelta(seconds=20 + position))
    yield from _migration(describer)


def _job(
    describer: Describer, job: tuple[str, str, Facets], io: tuple[tuple[str, ...], tuple[str, ...]], moment: datetime
) -> Event:
    inputs, outputs = ([describer.bare(key) for key in keys] for keys in io)
    body = {"namespace": job[0], "name": job[1], "facets": job[2]}
    return static_event("JobEvent", moment, job=body, inputs=inputs, outputs=outputs)


def _described(describer: Describer, one: Dataset, moment: datetime) -> Event:
    """Return the DatasetEvent the data catalogue sends: owners, words, tags, type, place."""
    owners = [{"name": one.owner, "type": "OWNER"}, {"name": PEOPLE[one.owner], "type": "STEWARD"}]
    facets: Facets = {
        "schema": schema(describer.world.fields(one.key, moment), CLIENT),
        "documentation": facet("dataset.documentation", CLIENT, description=one.doc, contentType="text/markdown"),
        "ownership": facet("dataset.ownership", CLIENT, owners=owners),
        "datasetType": facet("datasetType", CLIENT, datasetType=one.kind),
        "dataSource": facet("dataSource", CLIENT, name=one.namespace, uri=one.namespace),
    }
    if tags := _tags(one):
        facets["tags"] = facet("dataset.tags", CLIENT, tags=tags)
    if one.kind == "TABLE" and one.name.count(".") == 2:  # noqa: PLR2004  database, schema, table
        levels = zip(one.name.split("."), ("DATABASE", "SCHEMA", "TABLE"), strict=True)
        facets["hierarchy"] = facet(
            "hierarchy", CLIENT, hierarchy=[{"name": name, "type": kind} for name, kind in levels]
        )
    if one.alias:
        name = {"namespace": one.alias[0], "name": one.alias[1], "type": "TABLE"}
        facets["symlinks"] = facet("symlinks", CLIENT, identifiers=[name])
    return static_event(
        "DatasetEvent", moment, dataset={"namespace": one.namespace, "name": one.name, "facets": facets}
    )


def _tags(one: Dataset) -> list[Facets]:
    """Return the tags of a dataset and of its columns that name a person."""
    tags: list[Facets] = [{"key": tag, "value": "true", "source": "CATALOG"} for tag in one.tags]
    tags += [{"key": "tier", "value": TIERS[tag], "source": "CATALOG"} for tag in one.tags if tag in TIERS]
    names = (field.name for field in one.fields if field.name in PERSONAL)
    return tags + [{"key": "pii", "value": "true", "source": "CATALOG", "field": name} for name in names]


def _migration(describer: Describer) -> Iterator[Event]:
    """Yield what the schema registry saw when the shop dropped a column, and the migration job behind it."""
    world = describer.world
    moment = world.before(2, 14.21)
    orders = dataset("orders")
    facets: Facets = {
        "schema": schema(world.fields("orders", moment), CLIENT),
        "lifecycleStateChange": facet("lifecycleStateChange", CLIENT, lifecycleStateChange="ALTER"),
        "version": facet("version", CLIENT, datasetVersion="migration-0418"),
    }
    body = {"namespace": orders.namespace, "name": orders.name, "facets": facets}
    yield static_event("DatasetEvent", moment, dataset=body)
    job: Facets = {"sql": facet("sql", CLIENT, query=MIGRATION, dialect="postgres")}
    job["ownership"] = facet("job.ownership", CLIENT, owners=[{"name": "team:shop"}])
    yield _job(describer, ("shop", "migrations.0418_drop_voucher_code", job), ((), ("orders",)), moment)
