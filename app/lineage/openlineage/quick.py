"""The quick way through most events: facets repeat from event to event, so each text of one is read only once.

What is unusual in any way (other members, secrets, characters to be replaced, mistakes) goes the long way.
"""

from typing import Any

import msgspec

from app.lineage.openlineage import masking
from app.lineage.openlineage.decode import MAX_DEPTH, Facet, canonical_digest, decode, encode, needs_cleaning
from app.lineage.openlineage.parse import NAME_LIMIT, RUN_ID_LIMIT, DatasetRef, Event, Name
from app.lineage.openlineage.problem import BadEvent
from app.lineage.openlineage.times import micros, parse_time

# Bytes of JSON whose facets are remembered; they take some ten times as much in memory.
REMEMBERED = 2 * 2**20
# Levels of an event around a facet.
AROUND = 4
Facets = dict[str, msgspec.Raw] | msgspec.UnsetType


class Run(msgspec.Struct, forbid_unknown_fields=True):
    """The run of an event."""

    runId: str  # noqa: N815 - the specification's spelling
    facets: Facets = msgspec.UNSET


class Named(msgspec.Struct, forbid_unknown_fields=True):
    """The job of an event."""

    namespace: str
    name: str
    facets: Facets = msgspec.UNSET


class Input(Named, forbid_unknown_fields=True):
    """An input; ``Output`` has the other facets."""

    inputFacets: Facets = msgspec.UNSET  # noqa: N815 - the specification's spelling


class Output(Named, forbid_unknown_fields=True):
    """An output."""

    outputFacets: Facets = msgspec.UNSET  # noqa: N815 - the specification's spelling


class RunEvent(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An event of a run with nothing but what the specification names."""

    eventType: str | msgspec.UnsetType = msgspec.UNSET  # noqa: N815 - the specification's spelling
    eventTime: str  # noqa: N815 - the specification's spelling
    run: Run
    job: Named
    inputs: list[Input] | msgspec.UnsetType = msgspec.UNSET
    outputs: list[Output] | msgspec.UnsetType = msgspec.UNSET
    producer: str | msgspec.UnsetType = msgspec.UNSET
    schemaURL: str | msgspec.UnsetType = msgspec.UNSET  # noqa: N815 - the specification's spelling


Sent = tuple[dict[str, msgspec.Raw], dict[str, Facet]]
_decoder = msgspec.json.Decoder(RunEvent)
_ERRORS = (msgspec.DecodeError, msgspec.ValidationError, RecursionError, ValueError)


class Unusual(Exception):  # noqa: N818 - no error: such an event goes the long way
    """An event the quick way is not made for."""


class _Memory:
    """Facets by their text; forgets all when it is full."""

    def __init__(self) -> None:
        self._known: dict[bytes, Facet | None] = {}
        self._size = 0

    def facet(self, raw: msgspec.Raw) -> Facet:
        """Return the facet; raises Unusual."""
        text = bytes(raw)
        if text in self._known:
            found = self._known[text]
        else:
            self._size += len(text)
            if self._size > REMEMBERED:
                self._known, self._size = {}, len(text)
            found = self._known[text] = _facet(text)
        if found is None:
            raise Unusual
        return found


_memory = _Memory()


def read(raw: bytes) -> Event | None:
    """Return what ``parse`` would; None when the event is to go the long way."""
    try:
        return _event(_decoder.decode(raw), raw)
    except (Unusual, *_ERRORS):
        return None


def _event(value: RunEvent, raw: bytes) -> Event:
    time = parse_time(value.eventTime)
    inputs, outputs = value.inputs or [], value.outputs or []
    _check(value, [value.job, *inputs, *outputs])
    if time is None:
        raise Unusual
    sent: list[Sent] = []
    run_facets, job_facets = _facets(value.run.facets, sent), _facets(value.job.facets, sent)
    datasets = [_dataset(item, "input", item.inputFacets, sent) for item in inputs]
    datasets += [_dataset(item, "output", item.outputFacets, sent) for item in outputs]
    body = raw.decode() if b'": ' not in raw else encode(_with("compact", value, sent))
    return Event(
        kind="run",
        time=time,
        us=micros(time),
        type=value.eventType[:64] if value.eventType else None,
        run_id=value.run.runId,
        job=Name(value.job.namespace, value.job.name),
        run_facets=run_facets,
        job_facets=job_facets,
        datasets=datasets,
        producer=value.producer if value.producer is not msgspec.UNSET else None,
        body=body,
        size=len(raw),
        digest=canonical_digest(_with("canonical", value, sent)),
    )


def _check(value: RunEvent, named: list[Named]) -> None:
    """Raise Unusual where a word is missing, too long, or may hold a secret."""
    sizes = [(thing.name, NAME_LIMIT) for thing in named] + [(value.run.runId, RUN_ID_LIMIT)]
    words = [word for thing in named for word in (thing.namespace, thing.name)]
    words += (value.run.runId, value.producer or "", value.schemaURL or "", value.eventType or "")
    text = "\n".join(words)
    if not all(0 < len(word) <= limit for word, limit in sizes) or "\0" in text:
        raise Unusual
    if any(len(thing.namespace) > NAME_LIMIT for thing in named) or masking.may_hold_secrets(text.encode()):
        raise Unusual


def _dataset(item: Input | Output, direction: str, own: Facets, sent: list[Sent]) -> DatasetRef:
    return DatasetRef(Name(item.namespace, item.name), direction, _facets(item.facets, sent), _facets(own, sent))


def _facets(raws: Facets, sent: list[Sent]) -> dict[str, dict[str, Any]]:
    """Return the facets, adding them to ``sent`` beside what they came as."""
    if not raws:
        return {}
    found = {name: _memory.facet(raw) for name, raw in raws.items()}
    if any("@" in name or "\0" in name or not name.isprintable() for name in found):
        raise Unusual
    sent.append((raws, found))
    return {**found}


def _with(form: str, value: RunEvent, sent: list[Sent]) -> RunEvent:
    """Return the event with its facets in a form of theirs."""
    for raws, found in sent:
        for name, facet in found.items():
            raws[name] = getattr(facet, form)
    return value


def _facet(text: bytes) -> Facet | None:
    if needs_cleaning(text) or masking.may_hold_secrets(text):
        return None
    try:
        value = decode(text, MAX_DEPTH - AROUND)
    except BadEvent:
        return None
    return Facet(value) if isinstance(value, dict) else None
