"""One JSON value -> one Event, or BadEvent with every problem and its JSON path (spec 3.2, 3.3)."""

import hashlib
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from app.lineage.openlineage import masking
from app.lineage.openlineage.decode import canonical_digest, clean, decode, encode, needs_cleaning
from app.lineage.openlineage.problem import BadEvent
from app.lineage.openlineage.times import micros, parse_time
from app.refusal import Problem

NAME_LIMIT = 4_096
RUN_ID_LIMIT = 512
Facets = dict[str, dict[str, Any]]


class Name(NamedTuple):
    """A namespace and a name: the identity of a job or dataset."""

    namespace: str
    name: str

    @property
    def digest(self) -> bytes:
        """Return the first 16 bytes of SHA-256 over namespace, NUL, name."""
        return name_digest(self.namespace, self.name)


def name_digest(*parts: str) -> bytes:
    """Return the first 16 bytes of SHA-256 over the parts joined by NUL."""
    return hashlib.sha256("\0".join(parts).encode()).digest()[:16]


class DatasetRef(msgspec.Struct, gc=False):
    """A dataset as one event names it; ``direction`` is input, output or static."""

    name: Name
    direction: str
    facets: Facets
    io_facets: Facets


class Event(msgspec.Struct):
    """An accepted event. ``us`` is eventTime in microseconds since 1970; ``arrival`` its RawEvent id once stored."""

    kind: str
    time: datetime
    us: int
    type: str | None
    run_id: str | None
    job: Name | None
    run_facets: Facets
    job_facets: Facets
    datasets: list[DatasetRef]
    producer: str | None
    body: str
    size: int
    digest: bytes
    arrival: int = 0


def parse(raw: bytes, *, mask: bool = True) -> Event:
    """Read one event; ``mask`` replaces secrets before anything is formed from it.

    Raises BadEvent with all problems; names and paths are those of the document.
    """
    value = decode(raw)
    return parse_value(value, raw, mask=mask)


def parse_value(value: Any, raw: bytes | None = None, *, mask: bool = True) -> Event:
    """Read one decoded event; ``raw`` are its bytes where they exist, for the size and cheap checks."""
    _check(value)
    digest = canonical_digest(value)
    if raw is None:
        value, size = clean(value), 0
    else:
        size = len(raw)
        if needs_cleaning(raw):
            value = clean(value)
    if mask and (raw is None or masking.may_hold_secrets(raw)):
        value = masking.mask(value)
    body = encode(value)
    return _event(value, body, size or len(body), digest)


def identity(namespace: str, name: str) -> Name:
    """Return a name without passwords: rows and pages carry names everywhere, so no mode may let one in."""
    return Name(masking.mask_uri(namespace), masking.mask_uri(name))


def _event(value: dict[str, Any], body: str, size: int, digest: bytes) -> Event:
    run, job, dataset = value.get("run"), value.get("job"), value.get("dataset")
    kind = "dataset" if job is None else "job" if run is None else "run"
    time = parse_time(value["eventTime"])
    if time is None:
        raise BadEvent.one("bad_time", "$.eventTime", "cannot be read")
    type_ = value.get("eventType") if kind == "run" else None
    return Event(
        kind=kind,
        time=time,
        us=micros(time),
        type=type_[:64] if isinstance(type_, str) and type_ else None,
        run_id=run["runId"] if run is not None and kind == "run" else None,
        job=None if job is None else identity(job["namespace"], job["name"]),
        run_facets=_facets(run.get("facets")) if kind == "run" and run is not None else {},
        job_facets=_facets(job.get("facets")) if job is not None else {},
        datasets=_datasets(value) if job is not None else [_dataset(dataset or {}, "static")],
        producer=value["producer"] if isinstance(value.get("producer"), str) else None,
        body=body,
        size=size,
        digest=digest,
    )


def _datasets(value: dict[str, Any]) -> list[DatasetRef]:
    return [_dataset(item, "input") for item in value.get("inputs") or ()] + [
        _dataset(item, "output") for item in value.get("outputs") or ()
    ]


def _dataset(item: dict[str, Any], direction: str) -> DatasetRef:
    io_key = "inputFacets" if direction == "input" else "outputFacets"
    return DatasetRef(
        identity(item["namespace"], item["name"]), direction, _facets(item.get("facets")), _facets(item.get(io_key))
    )


def _facets(value: object) -> Facets:
    if not isinstance(value, dict):
        return {}
    return {name: body for name, body in value.items() if isinstance(body, dict)}


def _check(value: Any) -> None:
    if isinstance(value, list):
        raise BadEvent.one("use_batch", "$", "an array of events goes to /api/v1/lineage/batch")
    if not isinstance(value, dict):
        raise BadEvent.one("not_an_object", "$", "an event is a JSON object")
    problems: list[Problem] = []
    _check_time(value, problems)
    run, job, dataset = value.get("run"), value.get("job"), value.get("dataset")
    if job is not None:
        if run is not None:
            _check_run(run, problems)
        _check_identity(job, "$.job", problems)
        for key in ("inputs", "outputs"):
            _check_list(value.get(key), f"$.{key}", problems)
    elif dataset is not None:
        _check_identity(dataset, "$.dataset", problems)
    else:
        problems.append(Problem("unknown_kind", "an event needs a job or a dataset", "$"))
    if problems:
        raise BadEvent(problems)


def _check_time(value: dict[str, Any], problems: list[Problem]) -> None:
    time = value.get("eventTime")
    if time is None:
        problems.append(Problem("missing_field", "eventTime is missing", "$.eventTime"))
    elif parse_time(time) is None:
        problems.append(Problem("bad_time", "eventTime is no RFC 3339 time between year 1 and 9999", "$.eventTime"))


def _check_run(run: Any, problems: list[Problem]) -> None:
    if not isinstance(run, dict):
        problems.append(Problem("wrong_type", "run is no object", "$.run"))
    else:
        _check_text(run.get("runId"), "$.run.runId", RUN_ID_LIMIT, problems, may_be_empty=False)


def _check_list(items: Any, path: str, problems: list[Problem]) -> None:
    if items is None:
        return
    if not isinstance(items, list):
        problems.append(Problem("wrong_type", f"{path[2:]} is no list", path))
        return
    for index, item in enumerate(items):
        _check_identity(item, f"{path}[{index}]", problems)


def _check_identity(item: Any, path: str, problems: list[Problem]) -> None:
    if not isinstance(item, dict):
        problems.append(Problem("wrong_type", f"{path[2:]} is no object", path))
        return
    _check_text(item.get("namespace"), f"{path}.namespace", NAME_LIMIT, problems, may_be_empty=True)
    _check_text(item.get("name"), f"{path}.name", NAME_LIMIT, problems, may_be_empty=False)


def _check_text(text: object, path: str, limit: int, problems: list[Problem], *, may_be_empty: bool) -> None:
    label = path[2:]
    if text is None:
        problems.append(Problem("missing_field", f"{label} is missing", path))
    elif not isinstance(text, str):
        problems.append(Problem("wrong_type", f"{label} is no text", path))
    elif not text and not may_be_empty:
        problems.append(Problem("missing_field", f"{label} is empty", path))
    elif len(text) > limit:
        problems.append(Problem("too_long", f"{label} has {len(text):,} characters, at most {limit:,} are kept", path))
    elif (not text.isascii() and _has_surrogate(text)) or "\0" in text:
        problems.append(Problem("bad_name", f"{label} holds NUL or half a surrogate pair", path))


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
