"""Versions of a dataset: one for each write, and one for each schema that came without a write."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.jobs.models import Facet, Run
from app.lineage.marquez import find, paging, queries, runs, shapes
from app.lineage.marquez.asked import FURTHEST, MOST, Ask, missing
from app.lineage.marquez.ids import schema_row, schema_version
from app.lineage.marquez.said import changes, fields_of, said
from app.lineage.marquez.shapes import Said
from app.lineage.models import Dataset, DatasetSchema, Interaction
from app.lineage.show import shown_body
from app.web.keyset import Rows

Json = dict[str, Any]


class Version(NamedTuple):
    """A version before it has its shape: ``write`` is the id of the write, None for a schema alone."""

    at: datetime
    id: UUID
    write: UUID | None
    schema_id: int | None


def listed(ask: Ask, namespace: str, name: str) -> Json:
    """Answer the versions of a dataset, newest first."""
    row = find.dataset(ask, namespace, name)
    about = said(ask.session, [row])[row.id]
    found = _versions(ask.session, about)
    return {
        "versions": _told(ask.session, row, about, paging.sliced(ask, found)),
        "totalCount": min(len(found), FURTHEST),
    }


def one(ask: Ask, namespace: str, name: str, version: str) -> Json:
    """Answer one version."""
    row = find.dataset(ask, namespace, name)
    about = said(ask.session, [row])[row.id]
    found = _version(ask.session, about, find.version("Dataset version", version))
    if found is None:
        raise missing("Dataset version", version)
    return _told(ask.session, row, about, [found])[0]


def _versions(session: Session, about: Said) -> list[Version]:
    """Return the newest 11,000 versions without what is heavy; two statements."""
    ids = [one.id for one in about.names]
    found = [Version(at, id_, id_, schema) for id_, at, schema in session.execute(_writes(ids))]
    found.reverse()
    spans = changes(list(session.scalars(queries.spans(ids))))
    found += [Version(span.first_at, schema_version(span.id), None, span.schema_id) for span in spans]
    # What came at the same moment stays in order: a schema is older than the write that came with it.
    return sorted(found, key=lambda one: (one.at, one.write is not None))[::-1]


def _writes(ids: Sequence[int]) -> Rows:
    return (
        select(Interaction.id, Interaction.started_at, Interaction.schema_id)
        .where(Interaction.dataset_id.in_(ids), Interaction.direction == "output")
        .order_by(Interaction.started_at.desc(), Interaction.id.desc())
        .limit(FURTHEST + MOST)
    )


def _version(session: Session, about: Said, version: UUID) -> Version | None:
    ids = [one.id for one in about.names]
    row_id = schema_row(version)
    if row_id is not None:
        span = session.scalar(queries.spans(ids).where(DatasetSchema.id == row_id))
        return Version(span.first_at, version, None, span.schema_id) if span is not None else None
    row = session.execute(_writes(ids).where(Interaction.id == version)).first()
    return Version(row[1], row[0], row[0], row[2]) if row is not None else None


def _told(session: Session, row: Dataset, about: Said, versions: Sequence[Version]) -> list[Json]:
    writes = {one.write for one in versions if one.write is not None}
    found = list(session.execute(_written(writes))) if writes else []
    made = runs.told(session, list({run.number: run for _, run in found}.values()))
    by_write = {write.id: (write, made[run.number]) for write, run in found}
    fields = fields_of(session, {one.schema_id for one in versions})
    history = _history(session, about)
    same: Json = {
        "type": shapes.dataset_type(row),
        "name": row.name,
        "physicalName": row.name,
        "namespace": row.namespace,
        "sourceName": shapes.source_name(row, about.facets),
        "tags": about.columns.get(None, []),
        "description": about.described.get(None) or row.description,
    }
    return [
        {
            **same,
            "id": {"namespace": row.namespace, "name": row.name, "version": str(one.id)},
            "version": str(one.id),
            "createdAt": shapes.iso(one.at),
            "fields": shapes.fields_of(about, fields.get(one.schema_id, [])),
            "createdByRun": by_write[one.write][1] if one.write is not None else None,
            "lifecycleState": _lifecycle(by_write[one.write][0]) if one.write is not None else None,
            "facets": history.at(one.at),
        }
        for one in versions
    ]


def _written(writes: set[UUID]) -> Rows:
    return select(Interaction, Run).join(Run, Run.number == Interaction.operation).where(Interaction.id.in_(writes))


def _lifecycle(write: Interaction) -> str:
    """Return what the write did: as a lifecycle facet says, else as we know it."""
    return (write.lifecycle.partition(",")[0] or write.type).upper()


class _History:
    """The contents of a dataset's facets, each from its first report on."""

    def __init__(self, rows: Sequence[Facet], bodies: dict[bytes, Any]) -> None:
        self.bodies = bodies
        self.by_name: dict[str, list[Facet]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: row.first_at):
            self.by_name[row.name].append(row)

    def at(self, moment: datetime) -> Json:
        """Return the facets as they were last reported at a moment; the first report counts for what was before."""
        found = {}
        for name, rows in sorted(self.by_name.items()):
            before = [row for row in rows if row.first_at <= moment]
            row = before[-1] if before else None
            if row is not None and not row.deleted and row.digest in self.bodies:
                found[name] = self.bodies[row.digest]
        return found


def _history(session: Session, about: Said) -> _History:
    ids = [one.id for one in about.names]
    rows = list(
        session.scalars(
            select(Facet)
            .where(Facet.kind == "dataset", Facet.entity_id.in_(ids))
            .order_by(Facet.last_at.desc(), Facet.id.desc())
            .limit(MOST)
        )
    )
    digests = {row.digest for row in rows}
    bodies = {row.digest: shown_body(row.body) for row in session.execute(queries.bodies(digests))} if digests else {}
    return _History(rows, bodies)
