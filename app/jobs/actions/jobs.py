"""Jobs that are tracked rather than reported: found, or made."""

from sqlalchemy.orm import Session

from app.jobs.models import Job
from app.jobs.naming import digest, namespace_of
from app.jobs.queries import plans as queries
from app.jobs.signals import annotated
from app.locations.upsert import SORT_LENGTH, Gazetteer

TRACKED = "tracked"


def job_of(session: Session, provider: str | None, name: str) -> Job:
    """Return the job of a provider (login name, None for the system) by its name, made when it is new. Flushes.

    One that lineage knows only by name, or from events that came before, becomes a tracked one.
    """
    namespace = namespace_of(provider)
    identity = digest(namespace, name)
    job: Job | None = session.scalar(queries.job(identity))
    if job is not None:
        if job.origin in ("named", "referenced", "derived"):
            job.origin = TRACKED
        return job
    realm_id = session.info["realm_id"]
    place = Gazetteer(session, realm_id, [namespace]).resolve()[namespace]
    job = Job(
        realm_id=realm_id, location_id=place, namespace=namespace, name=name, sort_name=name[:SORT_LENGTH],
        digest=identity, role="unit", origin=TRACKED, facets="{}", runs=0,
    )  # fmt: skip
    session.add(job)
    session.flush()
    annotated.send(None, session=session, kind="job", entity_id=job.id)
    return job
