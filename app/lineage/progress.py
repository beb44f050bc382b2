"""How far a command is: a bar on a terminal, elsewhere a line each ten seconds."""

import sys
from time import monotonic
from typing import TextIO

WIDTH = 24
OFTEN, SELDOM = 0.2, 10.0


class Bar:
    """Tells percent, events a second, time left and counts; ``total`` in bytes, 0 when nobody knows it."""

    def __init__(self, total: int, *, quiet: bool, stream: TextIO | None = None) -> None:
        self.total = total
        self.quiet = quiet
        self.stream = stream or sys.stderr
        self.drawn = self.stream.isatty()
        self.begun = self.last = monotonic()

    def show(self, done_bytes: int, events: int, counts: dict[str, int], *, end: bool = False) -> None:
        """Tell, if it is time to."""
        now = monotonic()
        due = now - self.last >= (OFTEN if self.drawn else SELDOM)
        if self.quiet or not (due or (end and self.drawn)):
            return
        self.last = now
        text = self._text(done_bytes, events, counts, max(now - self.begun, 0.001), end=end)
        self.stream.write(f"\r{text}\x1b[K" + ("\n" if end else "") if self.drawn else f"{text}\n")
        self.stream.flush()

    def clear(self) -> None:
        """Take the bar away, so that another line can be written."""
        if self.drawn and not self.quiet:
            self.stream.write("\r\x1b[K")

    def _text(self, done: int, events: int, counts: dict[str, int], seconds: float, *, end: bool) -> str:
        parts = [f"{events / seconds:,.0f} events/s"]
        if self.total:
            share = 1.0 if end else min(done / self.total, 1.0)
            full = int(share * WIDTH)
            bar = f"[{'#' * full}{'.' * (WIDTH - full)}] " if self.drawn else ""
            parts.insert(0, f"{bar}{share:4.0%}")
            left = seconds / share - seconds if share else 0
            parts.append(f"{int(left // 60)}:{int(left % 60):02d} left")
        return "  ".join(parts + [f"{number:,} {name}" for name, number in counts.items()])
