"""The first thing a run page says: how far it is, how long it will take, and whether that is well."""

from dataclasses import dataclass
from datetime import datetime

from app.jobs import shown
from app.jobs.models import Run
from app.jobs.shown import Lateness, Left
from app.jobs.timing import seconds

TOKENS = {"queued": "waiting", "running": "running", "completed": "ok", "failed": "bad", "cancelled": "off",
          "stalled": "warn"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Head:
    """A run in one card; ``stage`` is open, stalled or final."""

    run: Run
    word: str
    stage: str
    token: str
    percent: str
    seconds: float | None
    left: Left | None
    lateness: Lateness | None
    limit: float | None
    now: datetime
    is_endless: bool = False

    @property
    def has_more(self) -> bool:
        """Return whether there is anything to say beyond the status."""
        return self.stage != "final" or self.run.progress is not None or self.lateness is not None

    @property
    def untold(self) -> str:
        """Return why there is no percentage."""
        if self.run.status == "queued":
            return "It has not begun yet."
        return "It has no natural end." if self.is_endless else "No plan and no history tell how far it is."

    @property
    def estimate(self) -> str:
        """Return the estimate in words, as ``about 12 min left``; empty when the run has ended or never ends."""
        if self.stage == "final" or self.run.status == "queued" or self.is_endless:
            return ""
        if self.left is None:
            return "no estimate yet"
        words = _length(abs(self.left.seconds))
        return f"over by {words}" if self.left.seconds < 0 else f"about {words} left"

    @property
    def sure(self) -> str:
        """Return how sure the estimate is, as ``20 runs, 8 of 10 within 15 min``; empty when nothing tells."""
        if self.left is None or not self.left.runs or self.estimate == "":
            return ""
        high = self.left.high
        within = f", 8 of 10 within {_length(high)}" if high is not None and high > 0 else ""
        return f"{self.left.runs} runs{within}"

    @property
    def deadline(self) -> str:
        """Return how it stands to its deadline in words; empty without one."""
        if self.lateness is None:
            return ""
        words = _length(self.lateness.seconds)
        said = {"late": f"late by {words}", "at risk": f"at risk, {words} to go", "done late": f"done, {words} late",
                "ended late": f"ended {words} after it"}  # fmt: skip
        on_time = "on time" if self.stage == "final" else f"on time, {words} to go"
        return said.get(self.lateness.word, on_time)


def head(run: Run, runs: int, now: datetime, *, is_streaming: bool = False) -> Head:
    """Return the card of a run; ``runs`` is how many earlier ones its estimate rests on."""
    word = shown.status(run, now)
    stage = "stalled" if word == shown.STALLED else "open" if shown.is_open(run) else "final"
    limit = (run.silent_until - run.last_seen_at).total_seconds() if run.silent_until is not None else None
    return Head(
        run=run,
        word=word,
        stage=stage,
        token=TOKENS.get(word, "neutral"),
        percent=shown.percent(run),
        seconds=seconds(run, now),
        left=None if is_streaming else shown.left(run, runs, now),
        lateness=shown.lateness(run, now),
        limit=limit,
        now=now,
        is_endless=is_streaming,
    )


def _length(length: float) -> str:
    """Return a length as people say it: whole seconds below two minutes, then minutes, hours with minutes, days."""
    whole = max(round(length), 0)
    if whole < 120:  # noqa: PLR2004 - two minutes
        return f"{whole} s"
    minutes = round(length / 60)
    if minutes < 120:  # noqa: PLR2004 - two hours
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:  # noqa: PLR2004 - two days
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{hours // 24} d {hours % 24} h"
