"""How far the runs of a batch are: parts done, silence allowed, end expected (specification of jobs, 3.5 to 3.8).

A run that goes on asks for the history of its job once; a sign of life then only moves what is known. Runs above are
counted anew when a run below them came or ended.
"""

from collections import defaultdict
from functools import reduce
from typing import Any, Final

from sqlalchemy import Connection

from app.bulk import ask, insert_rows, select_in
from app.jobs.actions.notices import note, stalled
from app.jobs.endless import ENDLESS
from app.jobs.models import DurationStat, Run
from app.jobs.progress import history
from app.jobs.progress.deadline import deadline
from app.jobs.progress.estimate import estimate
from app.jobs.progress.history import Past
from app.jobs.progress.parts import Child, about, parts, usual_end
from app.jobs.progress.silence import REPORTED_S, STREAM_S, limit, silent_until
from app.jobs.progress.standing import OPEN
from app.jobs.progress.view import FINAL
from app.lineage.openlineage.times import micros, moment
from app.lineage.store.names import Names
from app.lineage.store.run_state import RunState, in_hand
from app.lineage.store.run_turns import has_ended, has_moved, has_opened, heard, is_done, is_ours, was_done

MICRO: Final = 1_000_000
LEVELS: Final = 12
FEW: Final = 20
CHILDREN: Final = {True: 4_096, False: 65_536}  # runs below few and many runs; with more nothing is counted
CHILD = (Run.number, Run.parent_run, Run.job_id, Run.status, Run.began_at, Run.ended_at)
STAT = (DurationStat.job_id, DurationStat.runs)


class RunProgress:
    """Progress, silence, estimates and deadlines of the runs in hand; ``ask``, then ``fold``, then ``save``."""

    def __init__(self, connection: Connection, realm_id: int, names: Names, states: dict[int, RunState]) -> None:
        self.connection = connection
        self.realm_id = realm_id
        self.names = names
        self.states = states
        self.now = self.most = 0
        self.live: list[RunState] = []
        self.counted: dict[int, RunState] = {}
        self.below: dict[int, list[Child]] = {}
        self.texts: dict[int, str] = {}
        self.known: dict[int, list[Past]] = {}
        self.learned: dict[int, list[Past]] = defaultdict(list)
        self.forgotten: dict[int, set[int]] = defaultdict(set)

    def ask(self, now: int) -> None:
        """Say which runs and histories ``fold`` needs, and send for them: two statements, and one for runs above."""
        self.now = now
        self._above()
        self.live = [state for state in self.states.values() if state.is_touched and is_ours(state)]
        for state in self.live:
            self._alive(state)
            if has_moved(state):
                self._count(self.states.get(state.row["parent_run"] or 0))
        ended = [state for state in self.live if is_done(state)]
        known = [state for state in self.live if has_opened(state) or was_done(state) or self._is_round(state)]
        jobs = {state.row["job_id"] for state in (*self.counted.values(), *known)}
        jobs |= {state.before["job_id"] for state in known if was_done(state)}
        jobs -= {job.id for job in self.names.jobs.values() if job.is_new}
        above = [*self.counted.values(), *(state for state in ended if state.row["progress_kind"] == "children")]
        old = {state.number for state in above if not state.is_new}
        self.stats = ask(self.connection, STAT, self.realm_id, DurationStat.job_id, jobs, "AND major = ''")
        self.most = CHILDREN[len(old) <= FEW]
        self.children = ask(self.connection, CHILD, self.realm_id, Run.parent_run, old, f"LIMIT {self.most}")

    def _above(self) -> None:
        """Bring in runs above that only earlier batches named."""
        missing = {state.row["parent_run"] for state in self.states.values()} - self.states.keys() - {None}
        rows = select_in(self.connection, Run.__table__.columns, self.realm_id, Run.number, missing)
        self.states |= {row.number: in_hand(row) for row in rows}
        self.names.load_ids({row.job_id for row in rows})

    def _is_round(self, state: RunState) -> bool:
        """Return whether it is time to read a history that only grew."""
        runs = self.names.job_by_id[state.row["job_id"]].columns["runs"]
        return has_ended(state) and bool(runs % history.KEPT == 0)

    def _count(self, state: RunState | None) -> None:
        if state is not None and is_ours(state) and state.row["processing_type"] not in ENDLESS:
            self.counted[state.number] = state

    def _alive(self, state: RunState) -> None:
        """Let a run below be a sign of life of those above it."""
        at, above = heard(state, self.now), state.row["parent_run"]
        for _ in range(LEVELS):
            parent = self.states.get(above or 0)
            if parent is None:
                return
            row = parent.row
            if row["status"] in OPEN and row["silent_until"] is not None:
                self._breathe(parent, at)
                row["last_seen_at"] = max(row["last_seen_at"], at)
            above = row["parent_run"]

    def _breathe(self, state: RunState, at: int) -> None:
        """Move the end of the silence that is allowed, whose length is that of the last time."""
        row = state.row
        length = state.before["silent_until"] - state.before["last_seen_at"] if not state.is_new else 0
        if row["origin"] != "tracked":
            heartbeat = self.names.job_by_id[row["job_id"]].columns["heartbeat_s"]
            least = STREAM_S if row["processing_type"] in ENDLESS else REPORTED_S
            length = heartbeat * MICRO if heartbeat else max(length, least * MICRO)
        row["silent_until"] = max(row["silent_until"], at + length)

    def fold(self) -> None:
        """Set what is known now on the rows in hand."""
        self.texts = {row.job_id: row.runs for row in self.stats.rows()}
        self._children()
        for state in self.live:
            if state.row["status"] in FINAL:
                self._closed(state)
        for state in self.counted.values():
            if state.row["status"] == "completed" and not (state.is_touched and is_done(state)):
                self._learn(state)
        self._go_on()

    def _go_on(self) -> None:
        """Set what is known of runs that go on; how others of this batch went counts for them."""
        for state in self.live:
            if state.row["status"] in OPEN:
                self._open(state)
        for state in self.counted.values():
            if state.row["status"] not in FINAL:
                self._parts(state)

    def _children(self) -> None:
        found: dict[int, dict[int, Child]] = defaultdict(dict)
        rows = self.children.rows()
        for row in rows if len(rows) < self.most else ():
            ended = micros(row.ended_at) if row.ended_at is not None and row.status in FINAL else None
            found[row.parent_run][row.number] = Child(row.job_id, micros(row.began_at), ended)
        for state in self.states.values():
            row = state.row
            if row["parent_run"] is not None:
                ended = row["ended_at"] if row["status"] in FINAL else None
                found[row["parent_run"]][state.number] = Child(row["job_id"], row["began_at"], ended)
        self.below = {number: list(children.values()) for number, children in found.items()}

    def _history(self, job: int) -> list[Past]:
        found = self.known.get(job)
        if found is None:
            kept = (one for one in history.read(self.texts.get(job, "")) if one.run not in self.forgotten[job])
            found = self.known[job] = reduce(history.remember, self.learned[job], list(kept))
        return found

    def _open(self, state: RunState) -> None:
        row = state.row
        if has_opened(state):
            self._opened(state)
        else:
            self._breathe(state, heard(state, self.now))
        self._due(row)
        if row["progress_kind"] == "estimated" and row["eta_at"] is not None:
            row["progress"] = max(row["progress"] or 0.0, about(row["began_at"], row["eta_at"], self.now))

    def _closed(self, state: RunState) -> None:
        row = state.row
        if row["progress_kind"] == "estimated" and row["status"] != "completed" and row["eta_at"] is not None:
            row["progress"] = max(row["progress"] or 0.0, about(row["began_at"], row["eta_at"], row["ended_at"]))
        row.update(silent_until=None, eta_at=None, eta_high_at=None, step=None)
        self._due(row)
        if row["status"] == "completed" and row["processing_type"] not in ENDLESS:
            row["progress"] = 100.0
            if row["progress_kind"] != "children":
                row["progress_kind"] = "reported"
        if was_done(state):
            self.forgotten[state.before["job_id"]].add(state.number)
        if is_done(state):
            self._learn(state)

    def _opened(self, state: RunState) -> None:
        row, past = state.row, self._history(state.row["job_id"])
        allowed = limit(
            self.names.job_by_id[row["job_id"]].columns["heartbeat_s"],
            [one.gaps for one in past],
            is_queued=row["status"] == "queued",
            is_reported=True,
            is_endless=row["processing_type"] in ENDLESS,
        )
        row["silent_until"] = silent_until(heard(state, self.now), allowed)
        if row["processing_type"] in ENDLESS or row["status"] == "queued":
            return
        if (past and past[0].steps) or row["progress_kind"] == "children":
            self._parts(state)
        elif past:
            self._by_time(state, past)

    def _by_time(self, state: RunState, past: list[Past]) -> None:
        row = state.row
        found = estimate(None, None, row["began_at"], past)
        row.update(eta_at=found.eta_at if found else None, eta_high_at=found.high_at if found else None)
        row["progress_kind"] = "estimated"
        row["progress"] = max(
            row["progress"] or 0.0, about(row["began_at"], usual_end(row["began_at"], past), self.now)
        )

    def _parts(self, state: RunState) -> None:
        """Count what is done below a run that goes on; shown progress never falls."""
        row, past = state.row, self._history(state.row["job_id"])
        found = parts(self.below.get(state.number, ()), past)
        if not found.is_known:
            return
        row["progress"] = max(row["progress"] or 0.0, found.progress)
        row["progress_kind"] = "children"
        row["step"] = self._at_work(state)
        if row["status"] == "running":
            end = estimate(found.progress, found.reached_at, row["began_at"], past)
            row.update(eta_at=end.eta_at if end else None, eta_high_at=end.high_at if end else None)

    def _at_work(self, state: RunState) -> str | None:
        """Return the job of the run below that began last and goes on, without the name of the job above."""
        open_ = [child for child in self.below.get(state.number, ()) if child.ended_at is None]
        newest = max(open_, key=lambda child: child.began_at, default=None)
        job = self.names.job_by_id.get(newest.job) if newest is not None else None
        if job is not None:
            return job.name.name.removeprefix(f"{self.names.job_by_id[state.row['job_id']].name.name}.")[-200:]
        return state.row["step"] if newest is not None else None

    def _due(self, row: dict[str, Any]) -> None:
        job = self.names.job_by_id[row["job_id"]].columns
        if job["deadline_s"] is None and job["due_by"] is None:
            return
        due = (job["due_by"], job["due_zone"] or "UTC") if job["due_by"] is not None else None
        nominal = row["nominal_start_at"] or row["first_event_at"]
        row["deadline_at"] = deadline(None, row["started_at"], job["deadline_s"], due, nominal)

    def _learn(self, state: RunState) -> None:
        """Keep how a completed run went."""
        row, job = state.row, state.row["job_id"]
        below = self.below.get(state.number, ())
        steps = parts(below).steps if below else {}
        # Weights of its own, so that its points tell how far its time had gone.
        reached = parts(below, [Past(0, 0, 0, steps=steps)]).points if steps else []
        seconds = max(row["ended_at"] - row["began_at"], 0) / MICRO
        signs = max(sum(state.events.values()) + 2 * len(below), 2)
        gaps = [(round(seconds / (signs - 1), 1), 1)]
        one = history.past(state.number, row["began_at"], row["ended_at"], reached, gaps, steps)
        self.learned[job].append(one)

    def save(self) -> None:
        """Write the histories that grew, and note which runs speak again: at most one statement for each."""
        long = {job for job, text in self.texts.items() if history.is_long(text)}
        anew = {job for job, runs in self.forgotten.items() if runs} | long
        more = [
            self._stat(job, history.newest(self.learned[job][::-1]))
            for job in self.learned
            if self.learned[job] and job not in anew
        ]
        grown = "runs = excluded.runs || {table}.runs, updated_at = excluded.updated_at"
        insert_rows(self.connection, DurationStat.__table__, more, conflict=("job_id", "major"), update=grown)
        rows = [self._stat(job, self._history(job)) for job in sorted(anew)]
        update = ("runs", "updated_at")
        insert_rows(self.connection, DurationStat.__table__, rows, conflict=("job_id", "major"), update=update)
        self._revive()

    def _stat(self, job: int, runs: list[Past]) -> dict[str, Any]:
        at = moment(self.now)
        return {"job_id": job, "realm_id": self.realm_id, "major": "", "runs": history.write(runs), "updated_at": at}

    def _revive(self) -> None:
        silent = [s.number for s in self.states.values() if (s.before.get("silent_until") or self.now) < self.now]
        for number in stalled(self.connection, self.realm_id, silent):
            state = self.states[number]
            state.is_revived = state.is_touched or state.row["last_seen_at"] != state.before["last_seen_at"]
        note(self.connection, self.realm_id, (s.number for s in self.states.values() if s.is_revived), "revived")
