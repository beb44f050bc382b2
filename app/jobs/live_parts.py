"""What is sent of a run's timeline and log when they only grew. Pure."""

import re
from typing import Final

from app.web.live import Part

ENTRY: Final = re.compile(r'(?=<li id="event-)')
ID: Final = re.compile(r'<li id="([^"]+)"')
LIST, LIST_END = '<ol class="events" id="timeline-list">', "</ol>"
LINES, LINES_END = '<code id="log-text">', "</code>"


def timeline(old: str, new: str) -> list[Part] | None:
    """Return new events for the top of the list and those that look different now; None when that is not all."""
    before, after = _cut(old, LIST, LIST_END), _cut(new, LIST, LIST_END)
    if before is None or after is None or (before[0], before[2]) != (after[0], after[2]):
        return None
    known, shown = _entries(before[1]), _entries(after[1])
    added = [name for name in shown if name not in known]
    kept = [name for name in shown if name in known]
    if list(shown) != [*added, *kept] or list(known)[: len(kept)] != kept:
        return None
    parts: list[Part] = [(name, "outerMorph", shown[name]) for name in kept if shown[name] != known[name]]
    return [*parts, ("timeline-list", "afterbegin", "".join(shown[name] for name in added))] if added else parts


def log(old: str, new: str) -> list[Part] | None:
    """Return the head of the log and the lines that came; None when that is not all.

    Lines at the top that are shown no more may stay with who saw them.
    """
    before, after = _cut(old, LINES, LINES_END), _cut(new, LINES, LINES_END)
    if before is None or after is None or before[2] != after[2]:
        return None
    known, shown = before[1].splitlines(keepends=True), after[1].splitlines(keepends=True)
    same = next((n for n in range(min(len(known), len(shown)), 0, -1) if known[-n:] == shown[:n]), 0)
    if not same:
        return None
    head = after[0].partition('<div class="section-head" id="log-head">')
    inner = head[2].rpartition("<pre")[0].rstrip()
    return [("log-head", "outerMorph", head[1] + inner), ("log-text", "beforeend", "".join(shown[same:]))]


def _cut(html: str, opening: str, closing: str) -> tuple[str, str, str] | None:
    """Return what stands before, within and behind an element; None without it."""
    before, found, rest = html.partition(opening)
    within, end, behind = rest.rpartition(closing)
    return (before, within, behind) if found and end else None


def _entries(html: str) -> dict[str, str]:
    """Return events by the ids of their elements."""
    found = (ID.match(part) for part in ENTRY.split(html))
    parts = [part.strip() for part in ENTRY.split(html)]
    return {match[1]: part for match, part in zip(found, parts, strict=True) if match}
