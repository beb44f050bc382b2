"""Which changes a hook wants: read and checked when it is saved, then held against each change. Pure."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from app.delivery import patterns
from app.refusal import Problem

MOST_VERBS, MOST_FILTERS = 50, 20
ACTORS = ("person", "service", "key", "hook", "system")
MEMBERS: Mapping[str, tuple[str, ...]] = {
    "name": (),
    "field": ("name", "old", "new"),
    "actor": ("user", "kind"),
    "entity": ("kind", "id"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A change as triggers see it: ``actors`` are the kinds that who made it is of, ``fields`` [{field, old, new}]."""

    verb: str
    kind: str
    entity_id: str
    label: str
    who: str
    actors: frozenset[str]
    fields: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Known:
    """What can be asked for: kinds of things and past tenses of verbs."""

    kinds: Collection[str]
    acts: Collection[str]


def read(raw: object, known: Known) -> tuple[dict[str, Any], list[Problem]]:
    """Return the trigger as it is kept, and all that is wrong with it, each with a pointer below /trigger."""
    if not isinstance(raw, dict):
        return {}, [Problem("bad_trigger", "A trigger is an object with “on”.", "/trigger")]
    problems = [
        Problem("unknown_member", f"A trigger knows no “{name}”.", f"/trigger/{name}")
        for name in raw
        if name not in ("on", "match", "filters")
    ]
    on, bad = _verbs(raw.get("on"), known)
    filters, worse = _filters(raw.get("filters", []))
    match = raw.get("match", "all")
    if match not in ("all", "any"):
        worse.append(Problem("bad_match", "Use “all” or “any”.", "/trigger/match", match))
    return {"on": on, "match": match, "filters": filters}, [*problems, *bad, *worse]


def wants(trigger: Mapping[str, Any], seen: Seen) -> bool:
    """Return whether the change is one the trigger asks for."""
    return _is_on(trigger["on"], seen.verb) and _passes(trigger, seen)


def first_failure(trigger: Mapping[str, Any], seen: Seen) -> str | None:
    """Return in words the first condition a change does not meet, None when it meets all."""
    if not _is_on(trigger["on"], seen.verb):
        return f"{seen.verb} is not among {', '.join(trigger['on'])}"
    if _passes(trigger, seen):
        return None
    bad = [each for each in trigger["filters"] if not _fits(each, seen)]
    return f"the filter {json.dumps(bad[0], ensure_ascii=False)} does not fit"


def _is_on(on: Collection[str], verb: str) -> bool:
    kind, _, act = verb.partition(".")
    return any(each in on for each in (verb, "*", f"{kind}.*", f"*.{act}"))


def _passes(trigger: Mapping[str, Any], seen: Seen) -> bool:
    filters = trigger["filters"]
    if not filters:
        return True
    return (all if trigger["match"] == "all" else any)(_fits(each, seen) for each in filters)


def _fits(wanted: Mapping[str, Any], seen: Seen) -> bool:
    (name, value), *_ = wanted.items()
    fits: dict[str, Callable[[Any, Seen], bool]] = {
        "name": lambda pattern, change: patterns.found(pattern, change.label),
        "field": _field_fits,
        "actor": lambda who, change: (
            who.get("user") in (None, change.who) and ("kind" not in who or who["kind"] in change.actors)
        ),
        "entity": lambda what, change: (
            change.kind == what["kind"] and ("id" not in what or change.entity_id == str(what["id"]))
        ),
    }
    return fits[name](value, seen)


def _field_fits(wanted: Mapping[str, str], seen: Seen) -> bool:
    return any(
        each.get("field") == wanted["name"]
        and all(patterns.found(wanted[side], _text(each.get(side))) for side in ("old", "new") if side in wanted)
        for each in seen.fields
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _verbs(raw: object, known: Known) -> tuple[list[str], list[Problem]]:
    here = "/trigger/on"
    if not isinstance(raw, list) or not raw or not all(isinstance(each, str) for each in raw):
        return [], [Problem("required", "Say which changes are sent: verbs, or “*” for all.", here)]
    on = list(dict.fromkeys(each.strip() for each in raw))
    if len(on) > MOST_VERBS:
        return [], [Problem("too_many", f"Use at most {MOST_VERBS} verbs.", here)]
    wrong = [(index, each, words) for index, each in enumerate(on) if (words := _no_verb(each, known))]
    return on, [Problem("unknown_verb", words, f"{here}/{index}", each[:100]) for index, each, words in wrong]


def _no_verb(verb: str, known: Known) -> str | None:
    if verb == "*":
        return None
    kind, dot, act = verb.partition(".")
    if dot and kind in (*known.kinds, "*") and act in (*known.acts, "*"):
        return None
    near = _nearest(kind, known.kinds) if kind not in (*known.kinds, "*") else kind
    past = _nearest(act, known.acts) if act not in (*known.acts, "*") else act
    hint = f" Did you mean “{near or '*'}.{past or '*'}”?" if near or past else ""
    return f"Nothing is logged as “{verb[:80]}”.{hint}"


def _nearest(word: str, words: Collection[str]) -> str | None:
    return next(iter(get_close_matches(word, words, 1, 0.5)), None)


def _filters(raw: object) -> tuple[list[dict[str, Any]], list[Problem]]:
    here = "/trigger/filters"
    if not isinstance(raw, list) or len(raw) > MOST_FILTERS:
        return [], [Problem("bad_filters", f"Filters are a list of at most {MOST_FILTERS}.", here)]
    problems = [problem for index, each in enumerate(raw) for problem in _filter_problems(each, f"{here}/{index}")]
    return raw, problems


def _filter_problems(raw: object, here: str) -> list[Problem]:
    if not isinstance(raw, dict) or len(raw) != 1:
        return [Problem("bad_filter", "A filter is an object with one member.", here)]
    (name, value), *_ = raw.items()
    if name not in MEMBERS:
        return [Problem("unknown_filter", f"Use one of {', '.join(MEMBERS)}.", f"{here}/{name}", name[:100])]
    here = f"{here}/{name}"
    if name == "name":
        words = patterns.problem_of(value)
        return [Problem("bad_pattern", words, here)] if words else []
    if not isinstance(value, dict) or not value or any(member not in MEMBERS[name] for member in value):
        return [Problem("bad_filter", f"Give {', '.join(MEMBERS[name])}.", here)]
    return _member_problems(name, value, here)


def _member_problems(name: str, value: dict[str, Any], here: str) -> list[Problem]:
    needed = {"field": "name", "entity": "kind"}.get(name)
    if needed and not isinstance(value.get(needed), str):
        return [Problem("required", f"Give the {needed}.", f"{here}/{needed}")]
    if name == "field":
        words = {side: patterns.problem_of(value[side]) for side in ("old", "new") if side in value}
        return [Problem("bad_pattern", text, f"{here}/{side}") for side, text in words.items() if text]
    if name == "actor" and "kind" in value and value["kind"] not in ACTORS:
        return [Problem("bad_actor", f"Use one of {', '.join(ACTORS)}.", f"{here}/kind")]
    return []
