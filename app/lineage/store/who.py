"""Who started a run and which engine carried it out: accounts found, never made; runners found or made."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, User
from app.bulk import allocate, insert_rows, select_in
from app.driver import bound, execute
from app.jobs.models import Runner
from app.lineage.openlineage.extract import text
from app.lineage.openlineage.parse import name_digest
from app.lineage.store.names import Names
from app.lineage.store.run_state import RunState


def link_users(session: Session, realm_id: int, states: Sequence[RunState]) -> None:
    """Set started_by_user_id where the reported name is name, e-mail or external id of a member of the realm."""
    wanted = [state for state in states if state.row["started_by_name"] is not None]
    names = {state.row["started_by_name"].lower() for state in wanted}
    if not names:
        return
    query = (
        select(User.id, func.lower(User.name), func.lower(User.email), func.lower(User.external_id))
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.realm_id == realm_id,
            Membership.archived_at.is_(None),
            or_(*(func.lower(column).in_(names) for column in (User.name, User.email, User.external_id))),
        )
    )
    known = {key: row[0] for row in execute(bound(session), query) for key in reversed(row[1:]) if key}
    for state in wanted:
        state.row["started_by_user_id"] = known.get(state.row["started_by_name"].lower())


def link_runners(session: Session, realm_id: int, states: Sequence[RunState], names: Names) -> None:
    """Set runner_id from the processing_engine facet: name and version at the location of the run's job."""
    wanted: dict[bytes, dict[str, Any]] = {}
    of_state: list[tuple[RunState, bytes]] = []
    for state in states:
        facet = state.facet("processing_engine")
        type_, version = text(facet.get("name")), text(facet.get("version"))
        if type_ is None and version is None:
            continue
        location = names.job_by_id[state.row["job_id"]].columns["location_id"]
        digest = runner_digest(location, type_, version)
        adapter = text(facet.get("openlineageAdapterVersion"))
        wanted.setdefault(
            digest,
            {"location_id": location, "type": type_ or "unknown", "version": version, "adapter_version": adapter},
        )
        of_state.append((state, digest))
    if not wanted:
        return
    found = select_in(session, (Runner.digest, Runner.id), realm_id, Runner.digest, wanted)
    ids = {row.digest: row.id for row in found}
    connection = bound(session)
    new = [digest for digest in wanted if digest not in ids]
    rows = []
    for id_, digest in zip(allocate(connection, Runner.__table__, len(new)), new, strict=True):
        ids[digest] = id_
        rows.append({"id": id_, "realm_id": realm_id, "digest": digest, **wanted[digest]})
    insert_rows(connection, Runner.__table__, rows)
    for state, digest in of_state:
        state.row["runner_id"] = ids[digest]


def runner_digest(location: int, type_: str | None, version: str | None) -> bytes:
    """Return the identity of a runner within its realm."""
    return name_digest(str(location), type_ or "", version or "")
