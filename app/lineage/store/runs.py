"""Runs: events folded in any order (spec 3.6), parents found or stood in for (3.7)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.bulk import Asked, allocate, ask, select_in
from app.driver import bound
from app.jobs.models import Run, RunDetail, RunJob
from app.lineage.openlineage.extract import RunRef, parent_facet, run_ref, text
from app.lineage.openlineage.parse import Event, Facets
from app.lineage.openlineage.roles import kind_of, naming, role_of
from app.lineage.openlineage.times import micros
from app.lineage.store.mentions import Mentions
from app.lineage.store.names import Entity, Names
from app.lineage.store.run_progress import RunProgress
from app.lineage.store.run_rows import write_runs
from app.lineage.store.run_state import (
    COLUMNS,
    JOB_FACETS,
    RunState,
    about,
    fold_status,
    in_hand,
    run_digest,
    us_of,
)
from app.lineage.store.who import link_runners, link_users

DETAILS = (RunDetail.run, RunDetail.facets, RunDetail.events)
LINKS = (RunJob.run, RunJob.job_id, RunJob.first_at, RunJob.last_at)


def _wanted(events: Iterable[Event], refs: list[RunRef]) -> set[str]:
    reported = {event.run_id for event in events if event.run_id is not None}
    return reported | {ref.run_id for ref in refs if ref.run_id}


class Runs:
    """The runs of a batch and those they name as parents."""

    def __init__(self, session: Session, realm_id: int, names: Names) -> None:
        self.session = session
        self.connection = bound(session)
        self.realm_id = realm_id
        self.names = names
        self.now = 0
        self.by_id: dict[str, RunState] = {}
        self.by_number: dict[int, RunState] = {}
        self.of_event: dict[int, int] = {}
        self.job_of: dict[int, int] = {}
        self.asked: Asked | None = None

    def ask(self, events: Iterable[Event], mentions: Mentions) -> None:
        """Send the question that ``fold`` of these (or fewer) events waits for."""
        self.asked = self._ask(_wanted(events, mentions.refs))

    def _ask(self, wanted: set[str]) -> Asked:
        columns = Run.__table__.columns
        return ask(self.connection, columns, self.realm_id, Run.digest, {run_digest(id_) for id_ in wanted})

    def load(self, events: list[Event], mentions: Mentions) -> None:
        """Find the runs of these events and those they name, and ask for what is kept beside them."""
        self.mentions, self.refs = mentions, mentions.refs
        self.wanted = _wanted(events, self.refs)
        self._load()

    def fold(self, events: list[Event], mentions: Mentions, now: datetime) -> None:
        """Fold and derive; nothing is written before ``save``."""
        self.now = micros(now)
        self._details()
        refs, wanted = self.refs, self.wanted
        self._make(events, refs, wanted)
        for event in events:
            if event.run_id is not None and event.job is not None:
                state = self.by_id[event.run_id]
                self.of_event[event.arrival] = state.number
                self._event(state, event)
        states = self.by_number.values()
        self.names.load_ids({state.row["job_id"] for state in states} | {job for state in states for job in state.jobs})
        for event in events:
            if event.digest in mentions.parents:
                self._parents(event, *mentions.parents[event.digest])
        for state in self.by_id.values():
            if state.row["origin"] == "reported":
                self._derive(state)
        self._renamed()

    def _load(self) -> None:
        asked, self.asked = self.asked or self._ask(self.wanted), None
        for row in asked.rows():
            if row.reported_id not in self.wanted:
                continue
            self._add(in_hand(row))
        old = list(self.by_number)
        self.details = ask(self.connection, DETAILS, self.realm_id, RunDetail.run, old)
        self.links = ask(self.connection, LINKS, self.realm_id, RunJob.run, old)

    def _details(self) -> None:
        for row in self.details.rows():
            state = self.by_number[row.run]
            state.facets = msgspec.json.decode(row.facets)
            state.events = msgspec.json.decode(row.events)
        for row in self.links.rows():
            self.by_number[row.run].jobs[row.job_id] = [micros(row.first_at), micros(row.last_at)]

    def _add(self, state: RunState) -> None:
        self.by_id[state.row["reported_id"]] = state
        self.by_number[state.number] = state

    def _make(self, events: list[Event], refs: list[RunRef], wanted: set[str]) -> None:
        jobs = {ref.run_id: ref.job for ref in refs if ref.run_id and ref.job}
        derived = {ref.run_id for ref in self.mentions.sessions.values()}
        parents = {pair[0].run_id for pair in self.mentions.parents.values() if pair[0] is not None}
        jobs |= {event.run_id: event.job for event in events if event.run_id and event.job}
        missing = [id_ for id_ in jobs if id_ in wanted and id_ not in self.by_id]
        numbers = allocate(self.connection, Run.__table__, len(missing))
        for number, id_ in zip(numbers, missing, strict=True):
            job = jobs[id_]
            row: dict[str, Any] = dict.fromkeys(COLUMNS)
            row |= {
                "number": number,
                "realm_id": self.realm_id,
                "id": uuid7(),
                "reported_id": id_,
                "digest": run_digest(id_ or ""),
                "job_id": self.names.jobs[job].id if job else 0,
                "status": "unknown",
                "role": "unit",
                "origin": "derived" if id_ in derived else "referenced" if id_ in parents else "named",
                "began_at": about(id_ or "") or self.now,
                "last_seen_at": self.now,
            }
            self._add(RunState(row, {}, {}, {}, is_new=True, is_touched=True))

    def _event(self, state: RunState, event: Event) -> None:
        row, us, state.is_touched = state.row, event.us, True
        name = event.type or "(none)"
        state.events[name] = state.events.get(name, 0) + 1
        is_tracked = row["origin"] == "tracked"
        if not is_tracked:
            row["origin"] = "reported"
        row["first_event_at"] = us if row["first_event_at"] is None else min(us, row["first_event_at"])
        row["last_seen_at"] = max(self.now, row["last_seen_at"])
        if event.job is None:
            return
        job = self.names.jobs[event.job]
        if row["last_event_at"] is None or us >= row["last_event_at"]:
            row.update(last_event_at=us, last_event=event.arrival)
            if not is_tracked:
                row["job_id"] = job.id
            state.facets["job:producer"] = [us, event.arrival, {"producer": event.producer}]
        if job.columns["last_run_at"] is None or us >= job.columns["last_run_at"]:
            job.put(last_run_at=us, last_run=state.number)
        seen = state.jobs.get(job.id)
        if seen is None:
            state.jobs[job.id] = [us, us]
            job.put(runs=job.columns["runs"] + 1)
        else:
            seen[:] = min(seen[0], us), max(seen[1], us)
        if not is_tracked:
            fold_status(row, event)
        self._facets(state, event)

    @staticmethod
    def _facets(state: RunState, event: Event) -> None:
        for name, body in event.run_facets.items():
            known = state.facets.get(name)
            if known is None or event.us >= known[0]:
                state.facets[name] = [event.us, event.arrival, body]
        for name in JOB_FACETS:
            if name in event.job_facets:
                key = f"job:{name}"
                known = state.facets.get(key)
                if known is None or event.us >= known[0]:
                    state.facets[key] = [event.us, event.arrival, event.job_facets[name]]

    def _parents(self, event: Event, parent: RunRef | None, root: RunRef | None) -> None:
        for ref in (parent, root):
            if ref is not None and ref.run_id and ref.job:
                other = self.by_id[ref.run_id]
                if ref is parent and other.row["origin"] == "named":
                    other.row["origin"] = "referenced"
                if other.row["origin"] not in {"reported", "tracked"}:
                    mine = self.names.jobs[ref.job]
                    # The smaller name, so that it does not hang on which child came first.
                    known = self.names.job_by_id.get(other.row["job_id"], mine)
                    other.row["job_id"] = min(mine, known, key=lambda job: job.name).id
                    if about(ref.run_id) is None:
                        other.row["began_at"] = min(other.row["began_at"], event.us)

    def _derive(self, state: RunState) -> None:
        row, bodies = state.row, state.bodies()
        parent = parent_facet(bodies)
        if not parent and "hive_session" in bodies:
            self._session(state)
        else:
            row["parent_run"] = self._number(run_ref(parent), row["parent_run"])
        row["root_run"] = self._number(run_ref(parent.get("root")), row["root_run"])
        nominal = state.facet("nominalTime")
        row["nominal_start_at"] = us_of(nominal.get("nominalStartTime"))
        row["nominal_end_at"] = us_of(nominal.get("nominalEndTime"))
        row["ended_reason"] = text(state.facet("errorMessage").get("message"), 500)
        row["began_at"] = row["started_at"] if row["started_at"] is not None else row["first_event_at"]
        producer = state.facet("job:producer").get("producer")
        state.kind = kind_of(state.facet("job:jobType"), bodies, producer)
        row.update(
            integration=state.kind.integration,
            job_type=state.kind.job_type,
            processing_type=state.kind.processing_type,
            role=role_of(state.kind, has_parent=row["parent_run"] is not None, has_session="hive_session" in bodies),
        )
        self._name(state, bodies)
        self._job(state)

    def _session(self, state: RunState) -> None:
        session = self.mentions.sessions.get(state.row["reported_id"])
        if session is None or session.run_id is None or session.job is None:
            return
        owner, facet = self.by_id[session.run_id], state.facet("hive_session")
        state.row["parent_run"] = owner.number
        owner.row["began_at"] = us_of(facet.get("creationTime")) or state.row["first_event_at"]
        owner.row.update(integration="HIVE", job_type="HIVE_SESSION", started_by_name=text(facet.get("username")))
        self.names.jobs[session.job].put(integration="HIVE", type="HIVE_SESSION")

    def _name(self, state: RunState, bodies: Facets) -> None:
        said = naming(state.kind, bodies, self.names.job_by_id[state.row["job_id"]].name.name, [])
        state.row.update(
            external_id=said.external_id,
            started_by_name=said.user,
            attempt=said.attempt,
            log_url=said.log_url,
            description=said.description,
        )

    def _job(self, state: RunState) -> None:
        for id_ in state.jobs:
            if self.names.job_by_id[id_].columns["last_run"] == state.number:
                self._newest(self.names.job_by_id[id_], state)

    def _newest(self, job: Entity, state: RunState) -> None:
        job.put(role=state.row["role"])
        parent = state.row["parent_run"]
        ref = run_ref(parent_facet(state.bodies()))
        named = self.names.jobs.get(ref.job) if ref is not None and ref.job is not None and ref.run_id is None else None
        above = self._job_of(parent) if parent is not None else named.id if named is not None else None
        if above is not None and above != job.id:
            job.put(parent_job_id=above)

    def _job_of(self, number: int) -> int | None:
        state = self.by_number.get(number)
        if state is not None:
            return int(state.row["job_id"])
        if number not in self.job_of:
            # Rare: the newest event of a run names no parent and an earlier batch did.
            rows = select_in(self.connection, (Run.number, Run.job_id), self.realm_id, Run.number, [number])
            self.job_of |= {row.number: row.job_id for row in rows}
        return self.job_of.get(number)

    def _renamed(self) -> None:
        """Tell the jobs below a run that it has another job now."""
        moved = {
            state.number: state.row["job_id"]
            for state in self.by_number.values()
            if not state.is_new and state.before["job_id"] != state.row["job_id"]
        }
        columns = (Run.number, Run.job_id, Run.parent_run)
        children = select_in(self.connection, columns, self.realm_id, Run.parent_run, moved)
        self.names.load_ids({row.job_id for row in children})
        for row in children:
            job = self.names.job_by_id[row.job_id]
            if job.columns["last_run"] == row.number and moved[row.parent_run] != job.id:
                job.put(parent_job_id=moved[row.parent_run])

    def _number(self, ref: RunRef | None, known: int | None) -> int | None:
        if ref is None or ref.run_id is None:
            return None
        state = self.by_id.get(ref.run_id)
        # A facet of an earlier batch names a run that is not loaded again; its number stands on the row.
        return state.number if state is not None else known

    def save(self) -> None:
        """Write runs, how far they are, their details and job names."""
        touched = [state for state in self.by_number.values() if state.is_touched]
        progress = RunProgress(self.connection, self.realm_id, self.names, self.by_number)
        progress.ask(self.now)
        link_users(self.session, self.realm_id, touched)
        link_runners(self.session, self.realm_id, touched, self.names)
        progress.fold()
        states = [state for state in self.by_number.values() if state.is_touched or state.row != state.before]
        write_runs(self.connection, self.realm_id, states)
        progress.save()
