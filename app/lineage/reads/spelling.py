"""Names one edit away from what was typed, and names like one that is not there."""

from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from string import ascii_lowercase, digits
from typing import Any, Final

from sqlalchemy.orm import Session

from app.jobs.models import Job, Run
from app.lineage.models import Dataset
from app.lineage.openlineage.parse import name_digest
from app.lineage.queries import search as queries
from app.lineage.reads.asking import Asked, Word, conditions
from app.lineage.store.find import scope_token
from app.lineage.store.run_state import run_digest
from app.web.matching import Choice, one
from app.web.tokens import Term, part_token, tokens

LEAST: Final = 5
LONGEST: Final = 40
TRIED: Final = 4
SHOWN: Final = 5
CANDIDATES: Final = 40
NEAREST: Final = 8
LETTERS: Final = ascii_lowercase + digits + "äöüéèç"


def corrected(session: Session, asked: Asked) -> list[str]:
    """Return what was probably meant: the text with one part of five letters or more changed by one edit.

    Only texts that find something are returned, at most five; a statement for each part tried.
    """
    tried = [(place, part) for place, word in enumerate(asked.words) for part in _parts(word)][:TRIED]
    found: dict[str, None] = {}
    for place, part in tried:
        for better in _known(session, asked, place, part):
            told = asked.words[place].text
            at = told.casefold().find(part)
            found[asked.text.replace(told, told[:at] + better + told[at + len(part) :], 1)] = None
    return list(found)[:SHOWN]


def _parts(word: Word) -> list[str]:
    return [part for part in tokens(word.text) if part.isalnum() and LEAST <= len(part) <= LONGEST]


def _known(session: Session, asked: Asked, place: int, part: str) -> list[str]:
    wanted = {part_token(text): text for text in neighbours(part)}
    choice: Choice = [[Term(token, prefix=False)] for token in wanted]
    others = replace(asked, words=tuple(_rest(asked, place, part)))
    realm_id = session.info["realm_id"]
    asks: list[Any] = [(kind, [choice, *conditions(others, kind, realm_id)]) for kind in ("dataset", "job")]
    if len(asked.words) == 1 and not asked.operators:
        asks.append(("column", [choice, one(scope_token("column", realm_id))]))
    count: dict[str, int] = {}
    for document in session.scalars(queries.documents(asks, CANDIDATES)):
        for token in set(document.split()) & wanted.keys():
            count[wanted[token]] = count.get(wanted[token], 0) + 1
    return sorted(count, key=lambda text: (-count[text], text))


def _rest(asked: Asked, place: int, part: str) -> Iterator[Word]:
    for at, word in enumerate(asked.words):
        if at != place:
            yield word
            continue
        before, _, after = word.text.casefold().partition(part)
        yield from (Word(left) for left in (before, after) if any(letter.isalnum() for letter in left))


def neighbours(word: str) -> set[str]:
    """Return all words one edit away: a letter missing, too many or another one, or two neighbours changed about."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = {before + after[1:] for before, after in cuts if after}
    found |= {before + after[1] + after[0] + after[2:] for before, after in cuts if len(after) > 1}
    found |= {before + letter + after[1:] for before, after in cuts if after for letter in LETTERS}
    found |= {before + letter + after for before, after in cuts for letter in LETTERS}
    return found - {word}


def nearest(session: Session, name: str, kind: str = "") -> list[tuple[str, Any]]:
    """Return up to 8 (kind, thing) of datasets and jobs with names like this one, the likest first.

    Looked for are its longest words, their beginnings, and where neither is known what is one edit away.
    """
    found: dict[tuple[str, int], Any] = {}
    kinds = [each for each in ("dataset", "job") if kind in ("", each)]
    words = sorted(tokens(name), key=len, reverse=True)[:TRIED]
    for word in words:
        for part in (word, word[:4]) if len(word) > 4 else (word,):  # noqa: PLR2004 - the beginning of a long word
            found |= _with(session, part, kinds)
        if len(found) >= NEAREST:
            break
    if not found:
        for word in words:
            for text in corrected(session, Asked(word, (Word(word),))):
                found |= _with(session, text, kinds)
    likest = sorted(found.items(), key=lambda item: -_likeness(name, item[1].name))
    return [(each, thing) for (each, _), thing in likest[:NEAREST]]


def _with(session: Session, text: str, kinds: list[str]) -> dict[tuple[str, int], Any]:
    asked, ways = Asked(text, (Word(text),)), {"dataset": queries.datasets, "job": queries.jobs}
    found: dict[tuple[str, int], Any] = {}
    for kind in kinds:
        choices = conditions(asked, kind, session.info["realm_id"])
        found |= {(kind, row[0].id): row[0] for row in session.execute(ways[kind]([choices], text, [], CANDIDATES))}
    return found


def _likeness(one_name: str, other: str) -> float:
    return SequenceMatcher(None, one_name.lower()[:200], other.lower()[:200], autojunk=False).ratio()


def resolve(session: Session, kind: str, namespace: str, name: str) -> Dataset | Job | Run | None:
    """Return the dataset or job of this exact name, or the run reported under ``name``; None when there is none."""
    if kind == "run":
        run: Run | None = session.scalar(queries.run_reported(run_digest(name)))
        return run
    select = queries.dataset_named if kind == "dataset" else queries.job_named
    found: Dataset | Job | None = session.scalar(select(name_digest(namespace, name)))
    return found
