"""What can happen to a thing, in the past tense; a verb is ``<kind>.<past>``."""

import re

WORDS = """
    accepted acknowledged activated added advanced archived assigned attached cancelled changed cloned closed
    completed copied created deactivated deleted described detached dismissed disowned dropped ended expected
    expired failed finished granted imported ingested invited issued late linked loaded merged moved opened owned
    paused pinned published purged quality_failed read rebuilt recovered registered rejected removed renamed
    repeated replaced restored resumed retried revoked rotated scheduled schema_changed sealed seen sent set
    signed_in signed_out started stopped tagged transferred unlinked unpinned untagged updated uploaded used
    withdrawn cancel_requested stalled revived at_risk shared
"""
PAST = frozenset(WORDS.split())
KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")
TRANSIENT = "run.advanced"
_KNOWN: set[str] = set()


def checked(verb: str) -> str:
    """Return the verb; raises ValueError when it is not a kind and a past tense of the list."""
    if verb not in _KNOWN:
        kind, _, past = verb.partition(".")
        if past not in PAST or not KIND.fullmatch(kind):
            raise ValueError(f"{verb} is no verb of the change log")
        _KNOWN.add(verb)
    return verb
