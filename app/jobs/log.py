"""The log of a run as text: what is kept of it, and how its lines are shown. Pure (specification 3.11)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

HEAD: Final = 64 * 1024
SHOWN_LINES: Final = 200
LONGEST_LINE: Final = 2_000
MASKED: Final = "[masked]"

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, cursor
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles, links
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"  # device strings
    r"|\x1b[ -/]*[0-~]?"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_WORDS = (
    "password|passwd|pwd|passphrase|secret|token|credential|authorization|api[-._]?key|access[-._]?key|private[-._]?key"
)
_WORD = rf"(?=[\w.\-]*(?ai:{_WORDS}))[\w.\-]++"
_NAME = rf"(?<![\w.\-]){_WORD}"
_VALUE = r"""(?:"[^"]*+"?|'[^']*+'?|(?ai:bearer|basic|token)[ \t]++[^\s,;&]++|[^\s,;&"']++)"""
_PAIR = re.compile(rf"""({_NAME}["']?[ \t]*+[=:][ \t]*+)(?![=:]|\[masked\])({_VALUE})""")
_OPTION = re.compile(rf"((?<![\w\-])--{_WORD}[ \t]++)(?!-)({_VALUE})")
_BARE = re.compile(r"(?ai:\bbearer)[ \t]++[\w.~+/\-]{8,}+=*|\bhw_[\w\-]{20,}|\bAKIA[0-9A-Z]{16}\b")
_USER_INFO = re.compile(r"(://[^\s/?#:@]{1,200}+:)[^\s/?#@]{1,500}+@")


@dataclass(frozen=True, slots=True)
class Extent:
    """Some bytes of a log at their place; ``index`` tells the chunk they are of, ``cut`` where in it they begin."""

    index: int
    offset: int
    size: int
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A line as shown, without colours and secrets; ``gap`` is how many bytes before it are not kept."""

    text: str
    gap: int = 0


def kept(sizes: Sequence[tuple[int, int]], limit: int, head: int = HEAD) -> list[Extent]:
    """Return what of the chunks (offset, size) in order of offset is kept: the first ``head`` bytes, the newest rest.

    The sum of the sizes is at most ``limit``; a chunk may come in two parts, one at each end.
    """
    extents = [Extent(index, offset, size) for index, (offset, size) in enumerate(sizes) if size > 0]
    if sum(extent.size for extent in extents) <= limit:
        return extents
    first = list(_taken(extents, min(head, limit)))
    used = {extent.index: extent.size for extent in first}
    rest = [_without_start(extent, used.get(extent.index, 0)) for extent in extents]
    room, last = limit - sum(used.values()), list[Extent]()
    for extent in reversed(rest):
        size = min(extent.size, room)
        if size > 0:
            last.append(_without_start(extent, extent.size - size))
            room -= size
    return first + last[::-1]


def _taken(extents: Iterable[Extent], room: int) -> Iterator[Extent]:
    for extent in extents:
        size = min(extent.size, room)
        if size <= 0:
            return
        yield Extent(extent.index, extent.offset, size)
        room -= size


def _without_start(extent: Extent, size: int) -> Extent:
    return Extent(extent.index, extent.offset + size, extent.size - size, extent.cut + size)


def plain(text: str) -> str:
    r"""Return a line without escape sequences and control characters; of what a ``\r`` overwrote the last remains."""
    bare = _ESCAPES.sub("", text)
    if "\r" in bare:
        parts = [part for part in bare.split("\r") if part]
        bare = parts[-1] if parts else ""
    return _CONTROL.sub("", bare)


def masked(text: str) -> str:
    """Return text with the values of ``secret=...`` and the like, keys and passwords in URLs replaced."""
    text = _PAIR.sub(rf"\1{MASKED}", text)
    text = _OPTION.sub(rf"\1{MASKED}", text)
    text = _BARE.sub(MASKED, text)
    return _USER_INFO.sub(r"\1***@", text) if "@" in text else text


def lines(chunks: Iterable[tuple[int, bytes]], *, begins: int = 0) -> list[Line]:
    """Return the lines of chunks (offset, bytes) in order of offset as they are shown.

    ``begins`` is the byte that the first chunk should begin at: what is missing between two becomes the gap of a line.
    A byte that is no UTF-8 becomes the replacement character. A last line without an end is a line.
    """
    found, at = list[Line](), begins
    for gap, part in _runs(chunks, at):
        texts = part.decode("utf-8", "replace").split("\n")
        if texts[-1] == "":
            texts.pop()
        shown = [_cut(masked(plain(text))) for text in texts]
        found.extend(Line(text, gap if index == 0 else 0) for index, text in enumerate(shown))
    return found


def tail(chunks: Iterable[tuple[int, bytes]], most: int = SHOWN_LINES, *, begins: int = 0) -> list[Line]:
    """Return the last ``most`` lines of chunks, as ``lines`` does."""
    return lines(chunks, begins=begins)[-most:]


def _runs(chunks: Iterable[tuple[int, bytes]], at: int) -> Iterator[tuple[int, bytes]]:
    """Join chunks without a gap between them: the bytes missing before, the bytes."""
    gap, parts = 0, list[bytes]()
    for offset, data in chunks:
        if offset > at:
            if parts:
                yield gap, b"".join(parts)
            gap, parts = offset - at, []
        parts.append(data[max(at - offset, 0) :])
        at = max(at, offset + len(data))
    if parts:
        yield gap, b"".join(parts)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}… ({len(text) - LONGEST_LINE:,} more)"


def masked_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes of chunks line by line with secrets masked and all else as it came, for the raw download."""
    held = b""
    for chunk in chunks:
        whole, _, held = (held + chunk).rpartition(b"\n")
        if whole:
            yield _masked_bytes(whole + b"\n")
        if len(held) > HEAD:
            yield _masked_bytes(held)
            held = b""
    if held:
        yield _masked_bytes(held)


def _masked_bytes(data: bytes) -> bytes:
    return masked(data.decode("utf-8", "replace")).encode()
