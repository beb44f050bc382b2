"""Rows of every kind in a realm, so that ids of another realm are ids of something."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import SavedView
from app.changes.actor import Actor
from app.db import utcnow
from app.delivery.actions import deliveries
from app.delivery.models import Delivery, Hook
from app.jobs.models import Badge, Job, JobConfiguration, Owner, Run, Runner, ShareLink, Tag
from app.lineage.models import Dataset, GraphRule, Import, Operation, RawEvent, Rejection, Schema, Storage, Symlink
from app.locations.models import Location
from app.realms.models import CapGrant, Config, Realm, RealmSlice
from tests import factories
from tests.databases import Database
from tests.delivery.house import House
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import columns, facet, job, run, schema, symlinks, table

# Argument of a URL -> whose id it is.
IDS: Mapping[str, Any] = {
    "dataset_id": Dataset.id,
    "job_id": Job.id,
    "run_id": Run.id,
    "run_number": Run.number,
    "other_id": Run.id,
    "event_id": RawEvent.id,
    "rejection_id": Rejection.id,
    "import_id": Import.id,
    "operation_id": Operation.id,
    "storage_id": Storage.id,
    "location_id": Location.id,
    "runner_id": Runner.id,
    "schema_id": Schema.id,
    "symlink_id": Symlink.id,
    "owner_id": Owner.id,
    "tag_id": Tag.id,
    "rule_id": GraphRule.id,
    "configuration_id": JobConfiguration.id,
    "share_id": ShareLink.id,
    "badge_id": Badge.id,
    "hook_id": Hook.id,
    "delivery_id": Delivery.id,
    "view_id": SavedView.id,
    "grant_id": CapGrant.id,
    "slice_id": RealmSlice.id,
    "config_id": Config.id,
}


def populate(database: Database, session: Session, realm: Realm) -> dict[str, Any]:
    """Send a small story into a realm and return one id of each kind by the names of URL arguments."""
    intake = Intake(database, realm)
    engine = facet(name="spark", version="3.5")
    owned = facet(owners=[{"name": f"team of {realm.shortname}", "type": "MAINTAINER"}])
    tagged = facet(tags=[{"key": f"tag of {realm.shortname}", "value": "yes", "source": "CATALOG"}])
    made = table(
        f"{realm.shortname}.orders",
        schema=schema("id", realm.shortname),
        columnLineage=columns(id=[("shop.raw", "id")]),
        symlinks=symlinks(f"{realm.shortname}.other"),
        ownership=owned,
        tags=tagged,
    )
    intake.take(
        run(f"{realm.shortname}-r", "daily", inputs=[table("shop.raw")], outputs=[made],
            facets={"processing_engine": engine}, job_facets={"ownership": owned, "tags": tagged}),
        job(f"declared {realm.shortname}", inputs=[table("shop.raw")]),
    )  # fmt: skip
    intake.send({"eventTime": "2026-01-01T00:00:00Z", "job": {"name": realm.shortname}})
    _kept_by_people(session, realm)
    _sent(database, session, realm)
    return ids(session, realm)


def _kept_by_people(session: Session, realm: Realm) -> None:
    now = utcnow()
    session.add(
        Import(
            realm_id=realm.id, name="year.ndjson", fingerprint="f", size=1, state="failed", created_by="owner",
            created_at=now, updated_at=now - timedelta(hours=1), first_rejected="[]", offset=0, position=0,
            accepted=0, duplicates=0, rejected=0,
        )
    )  # fmt: skip
    session.add(Config(realm_id=realm.id, name="GREETING", val=f"of {realm.shortname}", setby="owner"))
    session.add(GraphRule(realm_id=realm.id, kind="noise", pattern="tmp_*", name=f"rule of {realm.shortname}"))
    _tracked(session, realm)
    session.commit()
    factories.make_deactivated(session, realm, factories.make_user(session, f"blocked-of-{realm.shortname}", realm))
    app = factories.make_app(session, realm, f"app_of_{realm.shortname}")
    factories.make_changes(session, realm, 1, entity_id=str(app.id))


def _sent(database: Database, session: Session, realm: Realm) -> None:
    house, by = House(database.app, session, realm), Actor("SYSTEM", "session")
    owner = factories.make_user(session, f"sender-of-{realm.shortname}", realm, "report")
    hook, _secret = house.hook(owner, "https://hooks.example.org/in")
    session.add(SavedView(realm_id=realm.id, user_id=owner.id, page="jobs/runs", name="All", query="", shared=True))
    session.commit()
    house.act(hook, lambda writing, own: deliveries.test(writing, own, None, by))


def _tracked(session: Session, realm: Realm) -> None:
    run = session.scalars(select(Run).where(Run.realm_id == realm.id).order_by(Run.id.desc())).first()
    assert run is not None
    token = {name: f"{name} of {realm.shortname}".encode() for name in ("plan", "share", "badge")}
    session.add(
        JobConfiguration(
            realm_id=realm.id, job_id=run.job_id, tag="daily", name="Daily", version="1.0.0", major="1",
            digest=token["plan"][:16], content=b"content of a plan"[:16],
        )
    )  # fmt: skip
    session.add(
        ShareLink(
            realm_id=realm.id, run=run.number, token_hash=token["share"], expires_at=utcnow() + timedelta(days=7),
            show_metadata=False, show_log=False, created_by="owner",
        )
    )  # fmt: skip
    session.add(Badge(realm_id=realm.id, run=run.number, token_hash=token["badge"], created_by="owner"))


def ids(session: Session, realm: Realm) -> dict[str, Any]:
    """Return the newest id of each kind in a realm."""
    found = {}
    for name, column in IDS.items():
        model = column.class_
        newest = select(column).where(model.realm_id == realm.id).order_by(column.desc()).limit(1)
        found[name] = session.scalar(newest)
        assert found[name] is not None, f"the story makes no {model.__name__}"
    return found
