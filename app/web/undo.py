"""A message after a deed that carries the form which takes the deed back."""

from typing import Final, NamedTuple

from flask import flash

# Messages travel in the cookie of the session, which has 4 KB.
MOST_TEXT: Final = 1_000


class Done(NamedTuple):
    """What was done, in words, and the form that takes it back: fields to post to an address, none if it is empty."""

    words: str
    url: str = ""
    fields: tuple[tuple[str, str | None], ...] = ()


def say(done: Done) -> None:
    """Flash the words of a deed, with its Undo; without it where the fields are too long for a cookie."""
    given = {name: value for name, value in done.fields if value}
    if not done.url or sum(len(value.encode()) for value in given.values()) > MOST_TEXT:
        flash(done.words)
    else:
        flash({"text": done.words, "url": done.url, "fields": given})  # type: ignore[arg-type]  # JSON holds it
