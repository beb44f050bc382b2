"""Search tokens, made here so that FTS5 of SQLite and the text search of PostgreSQL answer alike.

A document becomes tokens of ``[a-z0-9]`` only, which both engines take as they are; the first letter says what one is:

- ``p`` a part: what stands between separators, and between humps of camel case; also the run the humps make up;
- ``b`` two neighbouring parts, for phrases: no positions are needed, which PostgreSQL keeps only for 256 of a word;
- ``g`` the up to 12 characters from one place of a word on, one token for each place: looking for text inside a word is
  looking for the prefix of such a token. Trigrams would be shorter but need neighbourhood; whole suffixes grow as the
  square of the word. Separators are kept, so ``_`` and ``%`` stand for themselves;
- ``c`` a character that is neither letter nor digit.

Every other character is written ``z<hex>z`` and ``z`` is ``zz``: no two texts share a token, a prefix stays a prefix.
Sizes are bounded: of a word longer than 512 characters the first 384 and last 128 places are found, of a document the
first 6,000 tokens.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

MAX_TOKENS: Final = 6_000
_GRAM = 12
_PART = 64  # characters of a part that count
_HEAD, _TAIL = 384, 128
_MAX_QUERY = 200
_PARTS = re.compile(r"[^\W_]+")
_QUERY = re.compile(r'"([^"]*)"|([^\s"]+)')


class Term(NamedTuple):
    """One token a document must have; with ``prefix`` any token that begins so will do."""

    token: str
    prefix: bool


class _Letters(dict[int, str]):
    """A translation table that fills itself: how each character is written in a token."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        plain = letter.isascii() and letter.isalnum()
        written = ("zz" if letter == "z" else letter) if plain else f"z{code:x}z"
        if code < 0x3000:  # noqa: PLR2004 - enough for alphabets, and the table stays small
            self[code] = written
        return written


_LETTERS = _Letters()


def tokens(text: str) -> list[str]:
    """Return the words of the text and their parts as people read them: lower case, in order, without repeats."""
    found: dict[str, None] = {}
    for word in _normal(text).split():
        found[word.casefold()] = None
        found.update(dict.fromkeys(_parts(word)))
        found.update(dict.fromkeys(run.casefold() for run in _PARTS.findall(word)))
    return list(found)[:MAX_TOKENS]


def index_document(*texts: str) -> str:
    """Return the tokens to index for a thing with these texts, joined by blanks; put names before long texts."""
    found: dict[str, None] = {}
    for text in texts:
        for token in _document(_normal(text)):
            found[token] = None
            if len(found) >= MAX_TOKENS:
                return " ".join(found)
    return " ".join(found)


def query_terms(q: str) -> list[Term]:
    """Return what a document must have, all of it; empty if the query asks for nothing.

    One letter or digit is a whole part, two are the beginning of a part, more are found inside a word. Text in quotes
    is a phrase of whole parts.
    """
    found: dict[Term, None] = {}
    for phrase, word in _QUERY.findall(_normal(q[:_MAX_QUERY])):
        terms = _word_terms(word.casefold()) if word else _phrase_terms(phrase)
        found.update(dict.fromkeys(terms))
    return list(found)


def match_sqlite(q: str) -> str:
    """Return the query for FTS5's MATCH, every term quoted; empty if it asks for nothing (MATCH would refuse that)."""
    return " AND ".join(f'"{term.token}"{"*" if term.prefix else ""}' for term in query_terms(q))


def match_postgres(q: str) -> str:
    """Return the text for ``to_tsquery('simple', ...)``; empty if it asks for nothing (which would match no row)."""
    return " & ".join(f"{term.token}{':*' if term.prefix else ''}" for term in query_terms(q))


def _normal(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _written(text: str) -> str:
    return text.translate(_LETTERS)


def _parts(text: str) -> list[str]:
    """Return the parts in order, in lower case, cut to their greatest length."""
    return [hump[:_PART].casefold() for run in _PARTS.findall(text) for hump in _humps(run)]


def _humps(run: str) -> list[str]:
    """Divide camel case: ``orderLine`` at the L, ``HTTPServer`` at the S."""
    if run.islower() or run.isupper() or run.isdigit():
        return [run]
    upper = [letter.isupper() for letter in run]
    inside = (at for at in range(1, len(run)) if upper[at] and (not upper[at - 1] or run[at + 1 : at + 2].islower()))
    return [run[start:end] for start, end in pairwise([0, *inside, len(run)])]


def _document(text: str) -> Iterator[str]:
    parts = _parts(text)
    for part in parts:
        yield "p" + _written(part)
    for first, second in pairwise(parts):
        yield _pair(first, second)
    for word in text.split():
        for run in _PARTS.findall(word):
            yield "p" + _written(run.casefold()[:_PART])
        yield from _grams(word.casefold())


def _grams(word: str) -> Iterator[str]:
    written = [_LETTERS[ord(letter)] for letter in word]
    size = len(written)
    places = range(size - 1) if size <= _HEAD + _TAIL else (*range(_HEAD), *range(size - _TAIL, size - 1))
    for at in places:
        yield "g" + "".join(written[at : at + _GRAM])
    for letter in dict.fromkeys(word):
        if not letter.isalnum():
            yield "c" + _written(letter)


def _pair(first: str, second: str) -> str:
    return f"b{_written(first)}zy{_written(second)}"  # no character is written "zy"


def _word_terms(word: str) -> Iterator[Term]:
    if len(word) == 1:
        yield Term(("p" if word.isalnum() else "c") + _written(word), prefix=False)
    elif len(word) == 2 and word.isalnum():  # noqa: PLR2004 - the rule: two characters begin a part
        yield Term("p" + _written(word), prefix=True)
    elif len(word) <= _GRAM:
        yield Term("g" + _written(word), prefix=True)
    else:
        last = len(word) - _GRAM
        for at in (*range(0, last, _GRAM // 2), last):
            yield Term("g" + _written(word[at : at + _GRAM]), prefix=at == last)


def _phrase_terms(phrase: str) -> Iterator[Term]:
    parts = _parts(phrase)
    if len(parts) == 1:
        yield Term("p" + _written(parts[0]), prefix=False)
    for first, second in pairwise(parts):
        yield Term(_pair(first, second), prefix=False)
