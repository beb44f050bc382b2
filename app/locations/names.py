"""How names of datasets divide into storage and label, by family of namespace.

Each function takes the storage its namespace names (or None) and the dataset's name, and returns (storage, label). A
name with fewer parts than its family has is a label without storage.
"""


def whole(storage: str | None, name: str) -> tuple[str | None, str]:
    """Leave the name whole; the storage is what the namespace says."""
    return storage, name


def two_parts(_: str | None, name: str) -> tuple[str | None, str]:
    """Divide ``database.table``."""
    head, _dot, rest = name.partition(".")
    return (head, rest) if head and rest else (None, name)


def three_parts(_: str | None, name: str) -> tuple[str | None, str]:
    """Divide ``database.schema.table`` after the database."""
    head, _dot, rest = name.partition(".")
    return (head, rest) if head and "." in rest else (None, name)


def bigquery_parts(_: str | None, name: str) -> tuple[str | None, str]:
    """Divide ``project.dataset.table`` after the project."""
    domain, colon, project = name.rpartition(":")  # old projects are called "example.com:project"
    storage, label = three_parts(None, project)
    return three_parts(None, name) if storage is None else (f"{domain}{colon}{storage}", label)


def perhaps_three_parts(storage: str | None, name: str) -> tuple[str | None, str]:
    """Divide a name of exactly three parts at a host nobody knows the rules of; leave any other whole."""
    if storage is None and "/" not in name and name.count(".") == 2 and all(name.split(".")):  # noqa: PLR2004
        return three_parts(None, name)
    return storage, name


def glue_parts(_: str | None, name: str) -> tuple[str | None, str]:
    """Divide ``table/database/table``."""
    kind, _slash, rest = name.partition("/")
    database, _slash, table = rest.partition("/")
    return (database, table) if kind == "table" and database and table else (None, name)


def pubsub_parts(_: str | None, name: str) -> tuple[str | None, str]:
    """Divide ``topic:project:id`` or ``subscription:project:id``."""
    _kind, _colon, rest = name.partition(":")
    project, _colon, resource = rest.partition(":")
    return (project, resource) if project and resource else (None, name)


def without_stem(storage: str | None, name: str) -> tuple[str | None, str]:
    """Leave out a leading database part that only repeats the stem of the database's file."""
    file = (storage or "").rpartition("/")[2]
    stem = file.rpartition(".")[0] or file
    rest = name.removeprefix(f"{stem}.")
    return storage, rest if stem and rest else name


def cosmos_parts(storage: str | None, name: str) -> tuple[str | None, str]:
    """Divide ``dbs/database/colls/table`` unless the namespace names the database."""
    if storage is None and name.startswith("dbs/"):
        database, _slash, rest = name[4:].partition("/")
        return (database, rest) if database and rest else (None, name)
    return storage, name


def kusto_parts(storage: str | None, name: str) -> tuple[str | None, str]:
    """Divide ``database/table`` unless the namespace names the database."""
    database, _slash, table = name.partition("/")
    return (database, table) if storage is None and database and table else (storage, name)


def fabric_parts(storage: str | None, name: str) -> tuple[str | None, str]:
    """Divide ``database.schema.table`` unless the namespace names the database."""
    return three_parts(None, name) if storage is None else (storage, name)
