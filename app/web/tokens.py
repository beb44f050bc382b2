"""Search tokens, made here so that FTS5 of SQLite and the text search of PostgreSQL answer alike.

A document becomes tokens of ``[a-z0-9]`` only, which both engines take as they are; the first letter says what one is:

- ``p`` a part: what stands between separators, and between humps of camel case; also the run the humps make up;
- ``q`` the first two characters of a part;
- ``b`` two neighbouring parts, for phrases: no positions are needed, which PostgreSQL keeps only for 256 of a word;
- ``g`` three and six characters from one place of a word on: text inside a word is looked for by the pieces it is made
  of. Whole tokens are asked for, never their beginnings: merging all tokens that begin alike grows with the number of
  names, reading a few lists side by side ends with the rows that are wanted. Separators are kept, so ``_`` and ``%``
  stand for themselves;
- ``c`` a character that is neither letter nor digit;
- ``n`` a whole name, ``s`` the first three and six characters of one;
- ``x`` and a letter: a part of a field, for operators such as ``owner:``.

Every other character is written ``z<hex>z`` and ``z`` is ``zz``: no two texts share a token, a prefix stays a prefix.
Sizes are bounded: of a word longer than 512 characters the first 384 and last 128 places are found, of a document the
first 6,000 tokens.
"""

import re
import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

MAX_TOKENS: Final = 6_000
_SHORT, _GRAM = 3, 6  # lengths of pieces
_PART = 64  # characters of a part that count
_HEAD, _TAIL = 384, 128
_LONGEST = 100
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
        found.update(dict.fromkeys(terms_of(phrase or word, phrase=not word)))
    return list(found)


def terms_of(text: str, *, phrase: bool) -> list[Term]:
    """Return what a document with this word, or this phrase of whole parts, must have."""
    told = _normal(text)
    return list(_phrase_terms(told) if phrase else _word_terms(told.casefold()))


def part_token(part: str) -> str:
    """Return the token of a part, given in lower case."""
    return "p" + _written(part[:_PART])


def name_tokens(name: str) -> Iterator[str]:
    """Yield the tokens by which a whole name and the beginning of one are found."""
    told = _normal(name).casefold()
    if told:
        yield whole_name(told)
        for size in (_SHORT, _GRAM):
            if len(told) >= size:
                yield "s" + _written(told[:size])


def whole_name(name: str) -> str:
    """Return the token of a whole name in any case."""
    return "n" + short(_normal(name).casefold())


def name_start(text: str) -> str:
    """Return the token of names that begin so, as far as six characters tell; empty below three characters."""
    told = _normal(text).casefold()
    return "" if len(told) < _SHORT else "s" + _written(told[: _GRAM if len(told) >= _GRAM else _SHORT])


def field_tokens(letter: str, text: str) -> Iterator[str]:
    """Yield the parts of a field, marked with its letter."""
    told = _normal(text)
    for part in dict.fromkeys((*_parts(told), *(run.casefold()[:_PART] for run in _PARTS.findall(told)))):
        yield f"x{letter}{_written(part)}"


def field_terms(letter: str, text: str) -> list[Term]:
    """Return what a document must have whose field has these parts; the last one may go on."""
    parts = [run.casefold()[:_PART] for run in _PARTS.findall(_normal(text))]
    return [Term(f"x{letter}{_written(part)}", prefix=part is parts[-1]) for part in parts]


def pair_tokens(text: str) -> Iterator[str]:
    """Yield the tokens that let phrases be found in a text."""
    for first, second in pairwise(_parts(_normal(text))):
        yield _pair(first, second)


def short(text: str) -> str:
    """Return a text as part of a token; one of more than 100 characters by its digest."""
    return _written(text) if len(text) <= _LONGEST else "zy" + sha256(text.encode(errors="replace")).hexdigest()[:32]


def lite(term: Term) -> str:
    """Return a term as FTS5 takes it."""
    return f'"{term.token}"{"*" if term.prefix else ""}'


def post(term: Term) -> str:
    """Return a term as the text search of PostgreSQL takes it."""
    return f"{term.token}{':*' if term.prefix else ''}"


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
        yield from _part(part)
    for first, second in pairwise(parts):
        yield _pair(first, second)
    for word in text.split():
        for run in _PARTS.findall(word):
            yield from _part(run.casefold()[:_PART])
        yield from _grams(word.casefold())


def _part(part: str) -> Iterator[str]:
    yield "p" + _written(part)
    if len(part) > 1:
        yield "q" + _written(part[:2])


def _grams(word: str) -> Iterator[str]:
    pieces = [_LETTERS[ord(letter)] for letter in word]
    text, ends = "".join(pieces), [0, *accumulate(len(piece) for piece in pieces)]
    size = len(pieces)
    places = range(size - 2) if size <= _HEAD + _TAIL else (*range(_HEAD), *range(size - _TAIL, size - 2))
    for at in places:
        yield "g" + text[ends[at] : ends[at + _SHORT]]
        if at + _GRAM <= size:
            yield "g" + text[ends[at] : ends[at + _GRAM]]
    if not word.isalnum():
        for letter in dict.fromkeys(word):
            if not letter.isalnum():
                yield "c" + _written(letter)


def _pair(first: str, second: str) -> str:
    return f"b{_written(first)}zy{_written(second)}"  # no character is written "zy"


def _word_terms(word: str) -> Iterator[Term]:
    if len(word) < _SHORT and not word.isalnum():
        for letter in word:
            yield Term(("p" if letter.isalnum() else "c") + _written(letter), prefix=letter.isalnum())
    elif len(word) < _SHORT:
        yield Term(("p" if len(word) == 1 else "q") + _written(word), prefix=False)
    else:
        size, step = (_SHORT, 1) if len(word) < _GRAM else (_GRAM, _SHORT)
        last = len(word) - size
        for at in (*range(0, last, step), last):
            yield Term("g" + _written(word[at : at + size]), prefix=False)


def _phrase_terms(phrase: str) -> Iterator[Term]:
    parts = _parts(phrase)
    if len(parts) == 1:
        yield Term("p" + _written(parts[0]), prefix=False)
    for first, second in pairwise(parts):
        yield Term(_pair(first, second), prefix=False)
