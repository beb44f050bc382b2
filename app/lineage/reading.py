"""Files of events, read piece by piece: lines, an array, {"events": [...]}, one object; each also gzipped."""

import codecs
import gzip
import hashlib
import io
import json
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from app.lineage.openlineage.problem import BadEvent
from app.lineage.openlineage.several import split

GZIP = b"\x1f\x8b"
BOM = "\ufeff"
BUFFER = 2**20
SAMPLE = 64 * 2**10
LOOKED_AT = 50
SUFFIXES = frozenset({".ndjson", ".jsonl", ".json", ".gz"})
BLANK = " \t\r\n,"


class Record(NamedTuple):
    """The bytes of one event and its place: the line in a file of lines, else which of the events; from 1."""

    number: int
    raw: bytes


class EventFile:
    """A file, or standard input when ``path`` is None; ``offset`` says how many of its ``size`` bytes were read."""

    def __init__(self, path: Path | None, name: str) -> None:
        self.path = path
        self.name = name
        self.size = path.stat().st_size if path is not None else 0
        self._raw: BinaryIO | None = None

    @property
    def offset(self) -> int:
        """Return how far the file was read, packed bytes where it is packed."""
        return self._raw.tell() if self._raw is not None and not self._raw.closed and self.path else 0

    def fingerprint(self) -> str:
        """Return what tells the file from others wherever it lies: size, beginning and end; empty for input."""
        if self.path is None:
            return ""
        with self.path.open("rb") as file:
            head = file.read(SAMPLE)
            file.seek(max(self.size - SAMPLE, 0))
            return hashlib.sha256(b"%d:" % self.size + head + file.read(SAMPLE)).hexdigest()

    def records(self) -> Generator[Record, None, None]:
        """Yield the events; raises OSError or EOFError when the file cannot be read on."""
        with self._opened() as raw:
            self._raw = raw
            packed = raw.peek(2)[:2] == GZIP  # type: ignore[attr-defined]
            # GzipFile is a stream of bytes like any other, its stubs do not say so.
            stream = io.BufferedReader(gzip.GzipFile(fileobj=raw), BUFFER) if packed else raw
            yield from _records(stream)  # type: ignore[arg-type]

    def _opened(self) -> BinaryIO:
        if self.path is None:
            return io.BufferedReader(io.FileIO(sys.stdin.fileno(), closefd=False), BUFFER)
        return self.path.open("rb", buffering=BUFFER)


def find_files(name: str) -> list[EventFile]:
    """Return the file, standard input for ``-``, or all files below a folder in order; raises OSError."""
    if name == "-":
        return [EventFile(None, "-")]
    path = Path(name)
    if not path.is_dir():
        return [EventFile(path, name)]
    found = (each for each in sorted(path.rglob("*")) if each.suffix in SUFFIXES and each.is_file())
    return [EventFile(each, str(each)) for each in found if not each.name.startswith(".")]


def _records(stream: io.BufferedReader) -> Iterator[Record]:
    start = stream.peek(SAMPLE)[:SAMPLE].decode("utf-8", "replace").lstrip(BOM + BLANK)
    return _elements(stream) if start[:1] == "[" else _lines(stream)


def _lines(stream: io.BufferedReader) -> Iterator[Record]:
    first: list[bytes] = []
    for line in stream:
        first.append(line)
        if len(first) == LOOKED_AT or _object(line) is not None:
            break
    known = _object(first[-1]) if first else None
    if known is None or (len(first) == 1 and isinstance(known.get("events"), list)):
        yield from _document(b"".join(first) + stream.read())
        return
    for number, line in enumerate(first, 1):
        yield from _line(number, line)
    for number, line in enumerate(stream, len(first) + 1):
        yield from _line(number, line)


def _line(number: int, line: bytes) -> Iterator[Record]:
    text = line.strip()
    if text and text != codecs.BOM_UTF8:
        yield Record(number, text)


def _document(text: bytes) -> Iterator[Record]:
    try:
        events = split(text)
    except BadEvent:
        events = [text]
    return (Record(number, raw) for number, raw in enumerate(events, 1))


def _object(line: bytes) -> dict[str, object] | None:
    try:
        value = json.loads(line.removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _elements(stream: io.BufferedReader) -> Iterator[Record]:
    """Yield the elements of an array with no more of it in memory than the longest one needs."""
    decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
    scan = json.JSONDecoder().raw_decode
    text, number, more = decode(stream.read(BUFFER)).lstrip(BOM + BLANK)[1:], 0, True
    while True:
        text = text.lstrip(BLANK)
        try:
            if text[:1] == "]":
                return
            _, end = scan(text)
        except (json.JSONDecodeError, RecursionError):
            if not more:
                break
            chunk = stream.read(max(BUFFER, len(text)))
            more = bool(chunk)
            text += decode(chunk, not more)
            continue
        number += 1
        yield Record(number, text[:end].encode("utf-8", "surrogateescape"))
        text = text[end:]
    if text:
        yield Record(number + 1, text.encode("utf-8", "surrogateescape"))
