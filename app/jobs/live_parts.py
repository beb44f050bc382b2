"""What is sent of a run's log when it only grew. Pure."""

from app.web.live import Part

LINES, LINES_END = '<code id="log-text">', "</code>"


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
