"""From a reported namespace to a place: location, addresses, and how dataset names divide into storage and label.

The rules are the table of the ingestion specification (3.4). A place only groups things: what a namespace *is* stays
its exact text. Nothing here raises, whatever the text: what no rule knows becomes a location of type ``custom``.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from app.locations import names

Split = Callable[[str | None, str], tuple[str | None, str]]


class Place(NamedTuple):
    """Where things of a namespace are: ``type`` (1-64 characters) and ``name`` identify the location.

    ``addresses`` holds the namespace as reported, then one address per Kafka broker; two places that share an address
    are one location. ``storage`` is what the namespace itself says about it (bucket, file, container), else None.
    ``split`` turns (storage, dataset name) into (storage, label).
    """

    type: str
    name: str
    addresses: tuple[str, ...]
    storage: str | None
    split: Split


class DatasetPlace(NamedTuple):
    """Location of a dataset, its storage (None: the location itself) and the label shown for it."""

    location: Place
    storage: str | None
    label: str


class _Url(NamedTuple):
    text: str
    scheme: str
    authority: str
    path: str


_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,63})://([^/?#]*)([^?#]*)")
_GLUE = re.compile(r"arn:aws[a-z-]*:glue:([^:/]+):([^:/]+)")
_SYNONYMS = {"postgresql": "postgres", "mssql": "sqlserver", "s3a": "s3", "s3n": "s3"}
_DEFAULT_PORTS = {
    "postgres": {"5432"},
    "redshift": {"5439"},
    "sqlserver": {"1433"},
    "oracle": {"1521"},
    "db2": {"50000"},
    "crate": {"5432"},
    "trino": {"8080"},
    "presto": {"8080"},
    "mysql": {"3306"},
    "oceanbase": {"2881"},
    "teradata": {"1025"},
    "clickhouse": {"8123", "9000"},
    "hive": {"9083", "10000"},
    "cassandra": {"9042"},
    "milvus": {"19530"},
    "http": {"80"},
    "https": {"443"},
}
_KAFKA_PORT = "9092"


@lru_cache(maxsize=2048)
def locate(namespace: str) -> Place:
    """Return the place of a namespace of datasets or jobs; the same text gives the same object while it is cached."""
    found = _URL.match(namespace)
    if found:
        scheme = found[1].lower()
        scheme = _SYNONYMS.get(scheme, scheme)
        url = _Url(namespace, scheme, found[2], found[3])
        place = _RULES.get(scheme, _any_url)(url)
        return place or _custom(namespace)
    return _named(namespace) or _custom(namespace)


def locate_dataset(namespace: str, name: str) -> DatasetPlace:
    """Return location, storage and label of the dataset ``name`` in ``namespace``; a name too short has no storage."""
    place = locate(namespace)
    storage, label = place.split(place.storage, name)
    return DatasetPlace(place, storage, label)


def _lower(text: str) -> str:
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else text  # a few letters grow, and names have a limit


def _host_port(authority: str) -> tuple[str, str]:
    """Divide an authority into lower-case host and ``:port`` or an empty text; user information is left out."""
    host = authority.rpartition("@")[2]
    if host.endswith("]") or ":" not in host:
        return _lower(host), ""
    name, _colon, port = host.rpartition(":")
    return _lower(name), f":{port}" if port else ""


def _host(url: _Url) -> str:
    host, port = _host_port(url.authority)
    return host if port[1:] in _DEFAULT_PORTS.get(url.scheme, ()) else host + port


def _path(url: _Url) -> str | None:
    return url.path.rstrip("/") or None


def _custom(namespace: str) -> Place:
    return Place("custom", namespace, (namespace,), None, names.whole)


def _at_host(split: Split) -> Callable[[_Url], Place | None]:
    """Return a rule for systems that are known by host and port, and whose names divide by ``split``."""

    def rule(url: _Url) -> Place | None:
        host = _host(url)
        return Place(url.scheme, host, (url.text,), None, split) if host else None

    return rule


def _with_path(split: Split) -> Callable[[_Url], Place | None]:
    """Return a rule like ``_at_host`` for systems whose namespace may end in a database."""

    def rule(url: _Url) -> Place | None:
        database = url.path.rstrip("/").rpartition("/")[2] or None
        host = _host(url)
        return Place(url.scheme, host, (url.text,), database, split) if host else None

    return rule


def _any_url(url: _Url) -> Place | None:
    host = _host(url)
    return Place(url.scheme, host, (url.text,), _path(url), names.perhaps_three_parts) if host else None


def _constant(name: str, split: Split) -> Callable[[_Url], Place | None]:
    return lambda url: Place(url.scheme, name, (url.text,), None, split)


def _bucket(url: _Url) -> Place:
    return Place(url.scheme, "default", (url.text,), url.authority.rpartition("@")[2] or None, names.whole)


def _container(url: _Url) -> Place | None:
    container = url.authority.rpartition("@")[0].partition(":")[0] or None
    host = _host(url)
    return Place(url.scheme, host, (url.text,), container, names.whole) if host else None


def _account(split: Split) -> Callable[[_Url], Place | None]:
    """Return a rule for systems whose authority is an account, in which a colon is no port."""

    def rule(url: _Url) -> Place | None:
        account = _lower(url.authority.rpartition("@")[2])
        return Place(url.scheme, account, (url.text,), None, split) if account else None

    return rule


def _athena(url: _Url) -> Place | None:
    host = _host(url)
    labels = host.split(".")
    region = labels[1] if labels[0] == "athena" and len(labels) > 1 and labels[1] else host
    return Place("awsathena", region, (url.text,), None, names.three_parts) if region else None


def _kafka(url: _Url) -> Place | None:
    """Read a list of brokers; one without a port has 9092, so that both spellings of it are one address."""
    brokers = set()
    for broker in url.text.partition("://")[2].split(","):
        host, port = _host_port(broker.rpartition("://")[2].partition("/")[0].strip())
        if host:
            brokers.add(host + (port or f":{_KAFKA_PORT}"))
    if not brokers:
        return None
    ordered = sorted(brokers)
    addresses = dict.fromkeys([url.text, *(f"kafka://{broker}" for broker in ordered)])
    return Place("kafka", ordered[0], tuple(addresses), None, names.whole)


def _file(url: _Url) -> Place:
    return Place("file", _host(url) or "local", (url.text,), _path(url), names.whole)


def _embedded(url: _Url) -> Place:
    path = f"/{url.path.lstrip('/')}" if url.path.startswith("//") else url.path
    return Place(url.scheme, "local", (url.text,), url.authority + path or None, names.without_stem)


def _memory(url: _Url) -> Place:
    return Place("inmemory", _host(url) or "local", (url.text,), None, names.whole)


def _named(namespace: str) -> Place | None:
    """Read the namespaces that are no URL with an authority: ``bigquery``, ``file:/path``, a Glue catalog."""
    scheme, colon, path = namespace.partition(":")
    scheme = scheme.lower()
    if scheme == "file":
        return Place("file", "local", (namespace,), path or None, names.whole)
    if not colon and scheme in {"bigquery", "pubsub"}:
        return Place(
            scheme, "default", (namespace,), None, names.bigquery_parts if scheme == "bigquery" else names.pubsub_parts
        )
    glue = _GLUE.fullmatch(namespace)
    return Place("awsglue", f"{glue[1]}:{glue[2]}", (namespace,), None, names.glue_parts) if glue else None


_RULES: dict[str, Callable[[_Url], Place | None]] = {
    **dict.fromkeys(
        ("postgres", "redshift", "sqlserver", "oracle", "db2", "crate", "trino", "presto", "unitycatalog"),
        _at_host(names.three_parts),
    ),
    **dict.fromkeys(
        ("mysql", "oceanbase", "teradata", "clickhouse", "hive", "cassandra", "milvus"),
        _at_host(names.two_parts),
    ),
    "snowflake": _account(names.three_parts),
    "spanner": _account(names.three_parts),
    "bigquery": _constant("default", names.bigquery_parts),
    "pubsub": _constant("default", names.pubsub_parts),
    **dict.fromkeys(("s3", "gs", "oss", "cos"), _bucket),
    **dict.fromkeys(("abfss", "abfs", "wasbs", "wasb"), _container),
    **dict.fromkeys(("dbfs", "hdfs"), _at_host(names.whole)),
    "file": _file,
    "kafka": _kafka,
    "awsathena": _athena,
    **dict.fromkeys(("duckdb", "sqlite"), _embedded),
    "azurecosmos": _with_path(names.cosmos_parts),
    "azurekusto": _with_path(names.kusto_parts),
    "fabric-warehouse": _with_path(names.fabric_parts),
    **dict.fromkeys(("filenet", "mssharepoint", "box"), _with_path(names.whole)),
    "inmemory": _memory,
}
