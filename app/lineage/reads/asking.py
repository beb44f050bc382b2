"""What somebody looks for: words, phrases and operators, and the conditions on search documents they become."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.jobs.models import Job
from app.lineage.queries import search as queries
from app.lineage.queries.words import entries, says
from app.lineage.store.find import column_token, scope_token
from app.web.matching import Choice, Way, one
from app.web.tokens import Term, field_terms, name_start, terms_of, tokens, whole_name

OPERATORS: Final = ("kind", "owner", "tag", "column", "location", "platform", "state", "quality", "sql")
LETTERS: Final = {"owner": "o", "tag": "t", "location": "l", "platform": "p", "sql": "s"}
PART: Final = re.compile(r'(?:(\w+):)?(?:"([^"]*)"?|([^\s"]+))')
LONGEST: Final = 200
MOST_WORDS: Final = 12
MOST_COLUMNS: Final = 60
MOST_HITS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Word:
    """One word or phrase; ``columns`` are the names of columns that hold it."""

    text: str
    phrase: bool = False
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A text as it is looked for; ``operators`` maps a name to its words, of which each may list several (``a,b``)."""

    text: str
    words: tuple[Word, ...] = ()
    operators: dict[str, list[Word]] = field(default_factory=dict)

    @property
    def plain(self) -> str:
        """Return the words without operators, as a name would be written."""
        return " ".join(word.text for word in self.words)

    def of(self, operator: str) -> set[str]:
        """Return the values of an operator, in lower case; any of them will do."""
        return {part.casefold() for word in self.operators.get(operator, ()) for part in word.text.split(",") if part}

    @property
    def has_terms(self) -> bool:
        """Return whether documents are asked for anything."""
        return bool(self.words or set(self.operators) & {"column", *LETTERS})


def parse(text: str) -> Asked:
    """Return what a text looks for; an operator nobody knows, or one without a value, is plain text."""
    words: list[Word] = []
    operators: dict[str, list[Word]] = {}
    for found in list(PART.finditer(text[:LONGEST]))[:MOST_WORDS]:
        operator, phrase, plain = found[1], found[2], found[3]
        word = Word(phrase if phrase is not None else plain, phrase is not None)
        if operator and operator.lower() in OPERATORS:
            operators.setdefault(operator.lower(), []).append(word)
        elif operator and phrase is None:
            words.append(Word(f"{operator}:{plain}"))
        else:
            words.append(word)
    return Asked(text.strip(), tuple(word for word in words if word.text.strip()), operators)


def with_columns(session: Session, asked: Asked) -> Asked:
    """Return the same with the names of columns that hold its words: one statement, none without words."""
    told = [*asked.words, *asked.operators.get("column", ())]
    wanted = list(dict.fromkeys(part for word in told for part in _parts(word) if len(part) > 1))
    if not wanted:
        return asked
    scope = scope_token("column", session.info["realm_id"])
    asks = [[one(scope), *([[term]] for term in terms_of(part, phrase=" " in part))] for part in wanted]
    names = list(session.scalars(queries.columns(asks, MOST_COLUMNS)))
    operators = dict(asked.operators)
    if "column" in operators:
        operators["column"] = [_holding(word, names) for word in operators["column"]]
    return replace(asked, words=tuple(_holding(word, names) for word in asked.words), operators=operators)


def _parts(word: Word) -> list[str]:
    return [word.text] if word.phrase else word.text.split(",")


def _holding(word: Word, names: Sequence[str]) -> Word:
    found = []
    for part in _parts(word):
        wanted, inside = part.casefold(), len(part) > 2 or not part.isalnum()  # noqa: PLR2004 - two begin a part
        found += [name for name in names if _holds(name, wanted, inside=inside)]
    return replace(word, columns=tuple(dict.fromkeys(found)))


def _holds(name: str, wanted: str, *, inside: bool) -> bool:
    return wanted in name.casefold() if inside else any(part.startswith(wanted) for part in tokens(name))


def conditions(asked: Asked, kind: str, realm_id: int) -> list[Choice]:
    """Return what the document of a thing of this kind must meet, its kind and realm first."""
    found: list[Choice] = [one(scope_token(kind, realm_id))]
    found += [_anywhere(word) for word in asked.words]
    for operator, words in asked.operators.items():
        if operator == "column":
            found += [[[Term(column_token(name), prefix=False)] for name in word.columns] or one("none")
                      for word in words]  # fmt: skip
        elif operator in LETTERS:
            found += [_in_field(LETTERS[operator], word) for word in words]
    return found


def words_of(session: Session, text: str, kind: str, *, columns: Sequence[str] = ()) -> list[Choice]:
    """Return what the documents of a list must meet for its text, empty for none; any of ``columns`` will do.

    One statement, none without text and columns. ``state:``, ``quality:`` and ``kind:`` are filters of lists already.
    """
    asked = parse(text)
    if columns:
        told = Word(",".join(column.replace(",", " ") for column in columns))
        asked = replace(asked, operators={**asked.operators, "column": [*asked.operators.get("column", ()), told]})
    if not asked.has_terms:
        return []
    return conditions(with_columns(session, asked), kind, session.info["realm_id"])


def jobs_with(session: Session, text: str) -> tuple[ColumnElement[bool], bool] | None:
    """Return the condition on Job that it is found by ``text``, and whether few enough are to be looked up by id.

    Two statements; None without words.
    """
    choices = words_of(session, text, "job")
    if not choices:
        return None
    number = session.scalar(queries.tally("job", choices, MOST_HITS + 1)) or 0
    is_rare = number <= MOST_HITS
    return (Job.id.in_(entries("job", choices, MOST_HITS)) if is_rare else says("job", Job.id, choices)), is_rare


def _anywhere(word: Word) -> Choice:
    ways: list[Way] = [terms_of(word.text, phrase=word.phrase)]
    ways += [[Term(column_token(name), prefix=False)] for name in word.columns]
    sql = [term._replace(prefix=False) for term in field_terms("s", word.text)]
    if sql and len(word.text) > 2:  # noqa: PLR2004 - shorter words are in nearly every statement
        ways.append([*sql, *(terms_of(word.text, phrase=True) if len(sql) > 1 else ())])
    return ways if any(ways) else one("none")


def _in_field(letter: str, word: Word) -> Choice:
    if word.phrase:
        terms = [term._replace(prefix=False) for term in field_terms(letter, word.text)]
        return [[*terms, *(terms_of(word.text, phrase=True) if len(terms) > 1 else ())]] if terms else one("none")
    ways: list[Way] = [field_terms(letter, part) for part in word.text.split(",")]
    return ways if all(ways) else one("none")


def best_first(asked: Asked, choices: list[Choice]) -> list[Sequence[Any]]:
    """Return conditions from the narrowest on: exactly this name, names that begin so, everything."""
    if not asked.words:
        return [choices]
    whole, start = one(whole_name(asked.plain)), name_start(asked.plain)
    return [[whole, *choices], *([[one(start), *choices]] if start else ()), choices]
