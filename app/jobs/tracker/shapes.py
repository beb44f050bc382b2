"""Plans, runs and events as clients of the tracker read them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.accounts.models import User
from app.jobs.models import Event, JobConfiguration, Run
from app.jobs.progress.plan import PlannedStep
from app.jobs.progress.words import read_kind
from app.jobs.reads.plans import Known
from app.jobs.tracker.answers import Nouns, moment

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, its row, and the nouns to tell it in."""

    row: JobConfiguration
    known: Known
    nouns: Nouns

    def told(self) -> Json:
        """Return the tree of a plan."""
        row = self.row
        return {
            "id": row.id,
            "provider_id": row.provider_id,
            "tag": row.tag,
            "name": row.name,
            "version": row.version,
            "step_configurations": [self._step(step) for step in self.known.plan.steps],
            **self._times,
        }

    def step(self, tag: str | None) -> Json | None:
        """Return one step, None for a tag that the plan lacks."""
        found = self.known.step(tag) if tag is not None else None
        return self._step(found) if found is not None else None

    @property
    def _times(self) -> Json:
        # A plan is never changed, and its parts are made with it.
        return {"created_at": moment(self.row.created_at), "updated_at": None}

    def _step(self, step: PlannedStep) -> Json:
        id_ = self.known.step_ids[step.tag]
        values = [
            {"id": self.known.value_ids[step.tag, value.name], "step_configuration_id": id_, "name": value.name,
             "kind": value.kind, "units": value.units, **self._times}
            for value in step.metadata
        ]  # fmt: skip
        return {
            "id": id_,
            f"{self.nouns.plan}_id": self.row.id,
            "tag": step.tag,
            "name": step.name,
            "points": step.points,
            "metadata_configurations": values,
            **self._times,
        }


def run(run: Run, provider: User | None, planned: Planned | None, nouns: Nouns) -> Json:
    """Return a run without its events; ``cancel_requested`` only while it is asked to stop."""
    return {
        "id": run.number,
        nouns.external_id: run.external_id,
        nouns.customer_id: run.customer_id,
        nouns.name: run.name,
        "provider_id": run.provider_id,
        f"{nouns.plan}_id": run.job_configuration_id,
        "created_at": moment(created(run)),
        "updated_at": moment(run.last_seen_at) if run.last_event_at is not None else None,
        "provider": _provider(provider) if provider is not None else None,
        nouns.plan: planned.told() if planned is not None else None,
        **stop(run),
    }


def stop(run: Run) -> Json:
    """Return the wish that a run ends, nothing where there is none."""
    return {"cancel_requested": True} if run.cancel_requested_at is not None and run.ended_at is None else {}


def created(run: Run) -> datetime:
    """Return when a run was made, which its id tells in milliseconds."""
    return datetime.fromtimestamp((run.id.int >> 80) / 1_000, UTC)


def _provider(user: User) -> Json:
    return {
        "id": user.id,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "provider_name": user.display_name,
        "role": "provider",
        "created_at": moment(user.created_at),
        "updated_at": moment(user.updated_at),
    }


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it came first, and what it became: the newest row that stands in its place."""

    first: Event
    last: Event


def event(one: Told, planned: Planned | None, nouns: Nouns, hidden: Mapping[str, frozenset[str]] | None = None) -> Json:
    """Return an event; ``hidden`` are names of values by step that are not for this reader, None shows all."""
    first, last = one.first, one.last
    metadata = json.loads(last.event_metadata) if last.event_metadata else None
    if hidden is not None and metadata:
        kept = hidden.get(first.step or "", frozenset())
        metadata = {name: value for name, value in metadata.items() if name not in kept}
    return {
        "id": first.id,
        f"{nouns.run}_id": first.run,
        "kind": _kind(last),
        "name": first.name or None,
        "event_metadata": metadata,
        "step_configuration": planned.step(first.step) if planned is not None else None,
        "created_at": moment(first.received_at),
        "updated_at": moment(last.received_at) if last is not first else None,
    }


def events(
    found: Sequence[Told], planned: Planned | None, nouns: Nouns, hidden: Mapping[str, frozenset[str]] | None
) -> list[Json]:
    """Return events as ``event`` does."""
    return [event(one, planned, nouns, hidden) for one in found]


def _kind(row: Event) -> str:
    """Return the kind as it was sent; ends that people and our own API make are put into words of the tracker."""
    if read_kind(row.wire_kind, has_step=row.step is not None) is not None:
        return row.wire_kind
    return "complete" if row.ends == "completed" else "error"
