"""From the names in a URL to rows; what is not there is told in the words of Marquez."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.jobs.models import Job, Run
from app.lineage.marquez import ids, queries
from app.lineage.marquez.asked import Ask, missing
from app.lineage.models import Dataset
from app.lineage.openlineage.parse import Name, identity
from app.lineage.store.run_state import run_digest
from app.locations.models import Location
from app.locations.upsert import digest


def namespace(ask: Ask, name: str) -> tuple[str, Location]:
    """Return a namespace with its location; raises Wrong."""
    # A name that was reported with a password is kept without it.
    found = identity(name, "").namespace
    row = ask.session.execute(queries.address(digest(found))).first()
    if row is None:
        raise missing("Namespace", name)
    return row[0], row[1]


def dataset(ask: Ask, namespace: str, name: str) -> Dataset:
    """Return a dataset by its exact name; raises Wrong."""
    row: Dataset | None = ask.session.scalar(queries.datasets_named([identity(namespace, name).digest]))
    if row is None:
        raise missing("Dataset", name)
    return row


def job(ask: Ask, namespace: str, name: str) -> Job:
    """Return a job by its exact name; raises Wrong."""
    row: Job | None = ask.session.scalar(queries.jobs_named([identity(namespace, name).digest]))
    if row is None or row.origin == "named":
        raise missing("Job", name)
    return row


def run(ask: Ask, run_id: str) -> Run:
    """Return a run by the id it was reported under, else by our own; raises Wrong."""
    row: Run | None = ask.session.scalar(select(Run).where(Run.digest == run_digest(run_id)))
    if row is None and (own := ids.uuid_of(run_id)) is not None:
        row = ask.session.scalar(select(Run).where(Run.id == own))
    if row is None:
        raise missing("Run", run_id)
    return row


def version(kind: str, text: str) -> UUID:
    """Return the UUID of a version; raises Wrong for what is none."""
    found = ids.uuid_of(text)
    if found is None:
        raise missing(kind, text)
    return found


def among(ask: Ask, kind: str, names: Sequence[Name]) -> Any:
    """Return the first of these names that exists as a dataset or job, None when none does."""
    select_ = queries.datasets_named if kind == "dataset" else queries.jobs_named
    wanted = [name.digest for name in names]
    found = {row.digest: row for row in ask.session.scalars(select_(wanted))} if wanted else {}
    return next((found[one] for one in wanted if one in found), None)


def node(ask: Ask, wanted: ids.Node) -> Any:
    """Return the dataset or job a node id names, None when there is none; a name may end like a version."""
    texts = dict.fromkeys((wanted.rest, ids.without_version(wanted.rest)))
    return among(ask, wanted.kind, [name for text in texts for name in ids.names(text)])
