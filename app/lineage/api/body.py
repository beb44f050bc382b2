"""The body of a request: read and unpacked piece by piece, so that no sender makes us hold more than the limit."""

import zlib
from collections.abc import Iterator

from flask import Request
from werkzeug.exceptions import ClientDisconnected

from app.lineage.openlineage.problem import BadEvent

PLAIN = 256 * 2**10
# Small, because what follows a member of a gzip stream is copied once for each member.
PACKED = 8 * 2**10
GZIP = frozenset({"gzip", "x-gzip"})


class TooLarge(Exception):  # noqa: N818 - an answer, not an error of the program
    """More came than may; ``limit`` in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"At most {limit:,} bytes are taken, counted after unpacking.")
        self.limit = limit


class UnknownEncoding(Exception):  # noqa: N818 - an answer, not an error of the program
    """Packed in a way nobody here unpacks."""


def read_body(request: Request, limit: int) -> bytes:
    """Return the unpacked body.

    Raises TooLarge as soon as more than ``limit`` bytes came out, UnknownEncoding, and BadEvent (bad_encoding) for
    gzip that is broken or ends too early.
    """
    words = [part.strip().lower() for part in request.headers.get("Content-Encoding", "").split(",")]
    packed = [word for word in words if word not in {"", "identity"}]
    if len(packed) > 1 or not GZIP.issuperset(packed):
        raise UnknownEncoding(f"Content-Encoding {', '.join(packed)[:100]} is not taken; gzip and identity are.")
    request.max_content_length = None
    if not packed and (request.content_length or 0) > limit:
        raise TooLarge(limit)
    pieces = _pieces(request, PACKED if packed else PLAIN)
    return _within(_unpacked(pieces, limit) if packed else pieces, limit)


def _pieces(request: Request, size: int) -> Iterator[bytes]:
    try:
        while piece := request.stream.read(size):
            yield piece
    except ClientDisconnected:
        raise BadEvent.one("bad_encoding", "$", "the body ended before the length it announced") from None


def _within(pieces: Iterator[bytes], limit: int) -> bytes:
    kept, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise TooLarge(limit)
        kept.append(piece)
    return b"".join(kept)


def _unpacked(pieces: Iterator[bytes], limit: int) -> Iterator[bytes]:
    unpacker, begun = zlib.decompressobj(wbits=31), False
    for piece in pieces:
        rest = piece
        while rest:
            if unpacker.eof:
                rest = rest.lstrip(b"\0")
                if not rest:
                    break
                unpacker, begun = zlib.decompressobj(wbits=31), False
            try:
                begun = True
                yield unpacker.decompress(rest, limit + 1)
            except zlib.error as error:
                raise BadEvent.one("bad_encoding", "$", f"broken gzip: {error}") from None
            rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    if begun and not unpacker.eof:
        raise BadEvent.one("bad_encoding", "$", "the gzip body is truncated")
