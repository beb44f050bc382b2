"""What SQL text does to what it writes: interaction types from the first verb of each statement (specification 3.8).

No parser: a verb is the first one outside comments, quotes and brackets, so that ``WITH x AS (...) INSERT`` inserts.
The patterns cannot backtrack over text they have read, hence the time is linear in any text; an unfinished comment or
quote reaches to the end.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

PRECEDENCE: Final = (
    "DROP",
    "TRUNCATE",
    "OVERWRITE",
    "CREATE",
    "RENAME",
    "ALTER",
    "MERGE",
    "DELETE",
    "UPDATE",
    "APPEND",
    "WRITE",
)
_TYPES = {
    "INSERT": "APPEND",
    "COPY": "APPEND",
    "REPLACE": "OVERWRITE",
    **{verb: verb for verb in ("CREATE", "ALTER", "DROP", "TRUNCATE", "UPDATE", "DELETE", "MERGE", "RENAME")},
}
_VERBS = (*_TYPES, "SELECT")
# Verbs only where a statement begins: elsewhere they are names, or belong to another verb.
_LEADING = re.compile(
    "ANALYZE|CACHE|CALL|COMMENT|COMMIT|DESC|DESCRIBE|EXEC|EXECUTE|EXPLAIN|EXPORT|GRANT|LOAD|LOCK|MSCK|OPTIMIZE|REFRESH|"
    "REVOKE|ROLLBACK|SAVEPOINT|SET|SHOW|UNLOAD|USE|VACUUM|VALUES"
)
_FALLBACKS = frozenset(("BEGIN", "START", "END", "DECLARE"))

_COMMENTS = r"--[^\n]*|/\*(?:.*?\*/|.*)|\#(?:[ \t]|STANDARDSQL|LEGACYSQL)[^\n]*"
_QUOTES = (
    # A backslash escapes a quote unless the text goes on as it would behind the end of the quotes.
    # (?>...) and not (...)*+ around alternatives: before 3.11.5 Python loses matches of the latter.
    r"'(?>(?:[^'\\]++|\\'(?!\s*+(?:[,;)]|\Z))|\\(?!')|\\(?='\s*+(?:[,;)]|\Z)))*)(?:'|\Z)"
    r'|"(?>(?:[^"\\]++|\\.)*)(?:"|\Z)'
    r"|`[^`]*+(?:`|\Z)"
    r"|\[[^\]\[\n]{0,128}\]"
    r"|\$(?P<tag>(?:[A-Z_]\w*+)?)\$(?:.*?\$(?P=tag)\$|.*)"
)
_GAP = rf"(?>(?:[\s;]|{_COMMENTS})*)"
_START = re.compile(rf"{_GAP}([^\W\d]\w*+)?", re.DOTALL)
_NEXT_WORD = re.compile(rf"{_GAP}(\w*+)", re.DOTALL)
_END = re.compile(rf"{_COMMENTS}|{_QUOTES}|;", re.DOTALL)
# Every branch begins with a letter or sign, which lets the engine skip all others.
_SIGNS = rf"{_COMMENTS}|{_QUOTES}|;|\(|\)"
_SIGN = re.compile(_SIGNS, re.DOTALL)
_TOKEN = re.compile("|".join([_SIGNS, *(rf"{verb}\b(?!\s++AS\b)" for verb in _VERBS)]), re.DOTALL)
_RENAME = re.compile(rf"{_SIGNS}|RENAME\b", re.DOTALL)


def verbs(sql: str) -> frozenset[str]:
    """Return the interaction types the text stands for, without READ; empty if it says nothing about writing."""
    text = sql.upper()
    return frozenset(kind for verb, end in _statements(text) if (kind := _type_of(text, verb, end)))


def statement_kind(sql: str) -> str | None:
    """Return the verb of the first statement in upper case (``SELECT``, ``INSERT``, ``BEGIN``), or None."""
    text = sql.upper()
    first = next(_statements(text), None)
    if first is not None:
        return first[0]
    word = _first_word(text, 0)[0]
    return word if word in _FALLBACKS else None


def first_of(types: Iterable[str]) -> str:
    """Return the type that stands for a set of them; READ only if nothing writes, WRITE if there is none."""
    known = set(types)
    for kind in PRECEDENCE:
        if kind in known:
            return kind
    return "READ" if "READ" in known else "WRITE"


def _statements(text: str) -> Iterator[tuple[str, int]]:
    """Yield verb and place behind it of each statement that has one; ``text`` is in upper case."""
    at: int | None = 0
    while at is not None:
        word, end = _first_word(text, at)
        if word in _TYPES or word == "SELECT" or _LEADING.fullmatch(word):
            yield word, end
            at = _after(text, end)
            continue
        verb, end = _search(text, end, _TOKEN)
        if verb:
            yield verb, end
            at = _after(text, end)
        else:
            at = end if end < len(text) else None


def _first_word(text: str, at: int) -> tuple[str, int]:
    found = _START.match(text, at)
    return (found[1] or "", found.end()) if found else ("", at)


def _search(text: str, at: int, pattern: re.Pattern[str]) -> tuple[str, int]:
    """Return the first word of ``pattern`` outside brackets and the place behind it, or "" and the statement's end."""
    while found := pattern.search(text, at):
        piece, at = found[0], found.end()
        if piece == "(":
            at = _behind_bracket(text, at)
        elif piece == ";":
            return "", at
        elif piece[0].isalpha() and not _continues(text, found.start()):
            return piece, at
    return "", len(text)


def _behind_bracket(text: str, at: int) -> int:
    """Return the place behind the closing bracket; a statement ends its brackets, closed or not."""
    depth = 1
    for found in _SIGN.finditer(text, at):
        piece = found[0]
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth -= 1
            if depth == 0:
                return found.end()
        elif piece == ";":
            return found.start()
    return len(text)


def _continues(text: str, at: int) -> bool:
    """Return True if the character before makes the word part of a longer name."""
    before = text[at - 1 : at]
    return before.isalnum() or before in ("_", ".", "@", "#", "$", ":")


def _after(text: str, at: int) -> int | None:
    """Return where the next statement begins, None if there is none."""
    if text.find(";", at) == -1:
        return None
    for found in _END.finditer(text, at):
        if found[0] == ";":
            return found.end()
    return None


def _type_of(text: str, verb: str, end: int) -> str | None:
    if verb == "INSERT":
        word = _NEXT_WORD.match(text, end)
        overwrites = word and (word[1] == "OVERWRITE" or (word[1] == "OR" and _replaces(text, word.end())))
        return "OVERWRITE" if overwrites else "APPEND"
    if verb == "ALTER":
        return _search(text, end, _RENAME)[0] or "ALTER"
    return _TYPES.get(verb)


def _replaces(text: str, at: int) -> bool:
    word = _NEXT_WORD.match(text, at)
    return word is not None and word[1] == "REPLACE"
