"""What has to be sent of a region that looks different: rows that changed, came or went, when that is all. Pure.

Rows (``tr``, ``li``) and parts (``section``, ``nav``, ``h2``) are known by their ids; none holds one of its own kind.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from app.web.live import Part

KEYED: Final = re.compile(r'<(tr|li|nav|section|h2)\b[^>]*? id="([^"]+)".*?</\1>\s*', re.DOTALL)
HOLDER: Final = re.compile(r'<(?:tbody|ol|ul)\b[^>]*? id="([^"]+)"[^>]*>\s*$')
ROWS: Final = frozenset({"tr", "li"})


@dataclass(slots=True)
class Shape:
    """A region taken apart: what stands around its keyed parts, lists of rows by their holder, and single parts."""

    around: list[str] = field(default_factory=list)
    lists: dict[str, dict[str, str]] = field(default_factory=dict)
    singles: dict[str, str] = field(default_factory=dict)


def delta(old: str, new: str) -> list[Part] | None:
    """Return the parts that make ``new`` of ``old`` where only keyed things differ, None when more does.

    A row is put first or taken away; one that moves, or comes elsewhere, is more.
    """
    before, after = shape(old), shape(new)
    if before.around != after.around:
        return None
    parts: list[Part] = []
    for name, html in after.singles.items():
        if before.singles[name] != html:
            parts += delta(before.singles[name], html) or [(name, "outerMorph", html.strip())]
    for holder, rows in after.lists.items():
        found = _rows(holder, before.lists[holder], rows)
        if found is None:
            return None
        parts += found
    return parts


def shape(html: str) -> Shape:
    """Return a region taken apart; its own element is around everything."""
    found, at = Shape(), html.find(">") + 1
    rest, rows = html[:at], None
    for match in KEYED.finditer(html, at):
        between, at = html[at : match.start()], match.end()
        rest += between
        if match[1] not in ROWS:
            found.around.append(f"{rest}#{match[2]}")
            found.singles[match[2]], rest, rows = match[0], "", None
            continue
        if rows is None or between:
            holder = HOLDER.search(rest)
            name = holder[1] if holder else f"#{len(found.lists)}"
            rows = found.lists[name] = {}
            found.around.append(f"{rest}[{name}]")
            rest = ""
        rows[match[2]] = match[0]
    found.around.append(rest + html[at:])
    return found


def _rows(holder: str, old: dict[str, str], new: dict[str, str]) -> list[Part] | None:
    added = [name for name in new if name not in old]
    kept = [name for name in new if name in old]
    if list(new) != [*added, *kept] or [name for name in old if name in new] != kept or (added and holder[0] == "#"):
        return None
    parts: list[Part] = [(name, "delete", "") for name in old if name not in new]
    parts += [(name, "outerMorph", new[name].strip()) for name in kept if new[name] != old[name]]
    return [*parts, (holder, "afterbegin", "".join(new[name] for name in added))] if added else parts
