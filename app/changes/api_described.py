"""What programs are told of the API of changes."""

from app.web.described import describe

CHANGE = {
    "id": 4711,
    "at": "2026-03-02T09:00:00.123456Z",
    "who": "ada",
    "via": "session",
    "verb": "dataset.described",
    "kind": "dataset",
    "entity_id": "17",
    "label": "public.orders",
    "fields": {"description": [None, "One row per order."]},
    "row": None,
    "request_id": "6f1d0c2b",
    "remote_addr": "192.0.2.1",
}
FILTERS = {
    "q": "Words in what changed.",
    "who": "The name of a person or service.",
    "kind": "The kind of thing, such as `dataset`.",
    "id": "The id of the thing; needs `kind`.",
    "verb": "What was done, such as `key.created`.",
    "via": "`session`, or the prefix of a key.",
    "request_id": "The id of one request.",
    "address": "The network address it came from.",
    "from": "A date or time: changes since then.",
    "to": "A date or time: changes before then.",
}


def init() -> None:
    """Say it."""
    describe("api_changes.index", "Changes", query=FILTERS, paged=True, answer={"items": [CHANGE], "next": None})
    describe("api_changes.show", "Changes", answer=CHANGE)
