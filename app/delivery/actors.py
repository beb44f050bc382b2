"""What kind of actor made a change, from how it came in."""

INSIDE = {"session": "person", "cli": "system", "worker": "system", "hook": "hook"}


def kind_of(via: str) -> str:
    """Return person, system, hook or key."""
    return INSIDE.get(via, "key")
