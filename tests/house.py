"""What the rules of the house ask about routes, models and files; exceptions stand here, each with its reason."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from app.accounts.models import ApiKey, Invitation
from app.realms.models import Realm
from app.web.guard import Mark, mark_of
from tests import factories

ROOT = Path(__file__).resolve().parent.parent
SAFE = {"GET", "HEAD", "OPTIONS"}
MAY_COMMIT = ("/views/", "/api/", "/views.py", "/api.py", "/cli.py", "/cli_", "/worker", "/demo/", "/jobs/tracker/")
COMMITS_BECAUSE = {
    "app/accounts/idempotent.py": "what an API view changed and the answer that is kept are one transaction",
    "app/db.py": "sessions and connections themselves",
    "app/lineage/retention.py": "each batch of what is no longer kept is a short transaction of its own",
    "app/lineage/retention_edges.py": "each batch of days that become months likewise",
    "app/lineage/retention_runs.py": "each batch of runs that go likewise",
    "app/up.py": "a command",
    "app/web/telemetry.py": "its own transaction, after the answer",
    "app/lineage/rebuild/run.py": "a command, one transaction for each part that is compared",
    "app/lineage/rebuild/scratch.py": "its database is its own and is thrown away",
}
# Files that count rows without a bound: file -> why that is cheap.
COUNTS_BECAUSE = {
    "app/lineage/facts/full.py": "a command that reads the whole realm anyway",
    "app/lineage/rebuild/run.py": "the same",
    "app/lineage/rebuild/compare.py": "the same, instead of reading every row again",
    "app/lineage/marquez/stats.py": "a count is what is asked for, and Marquez says it exactly",
}
# Capabilities whose pages come with later slices; a name leaves this list with its first route.
NOT_ASKED_YET: set[str] = set()
OFFSETS_BECAUSE = {"app/lineage/marquez/paging.py": "its clients page by offset, up to 10,000"}
# Unique over the installation, so that a secret or name finds the realm; ``operation`` is the number of a run, which
# belongs to one realm; ``txid`` is how the outbox follows the log of all realms.
INDEX_WITHOUT_REALM = {"hash", "token_hash", "user_id", "id", "operation", "txid"}
# Arguments of URLs that are no ids of rows: endpoint -> why another realm's value is no leak.
NO_FOREIGN_ID = {"changes.timeline": "an empty history is shown for anything the realm never had"}


def foreign_id(session: Session, realm: Realm, name: str, converter: str) -> object:
    """Return an id of ``realm`` for a URL argument, or one no row has."""
    makers: dict[str, Any] = {
        "change_id": lambda: factories.make_changes(session, realm, 1)[0],
        "key_id": lambda: _key(session, realm).id,
        "invitation_id": lambda: _invitation(session, realm).id,
        "grant_id": lambda: _grant(session, realm),
    }
    if name in makers:
        return makers[name]()
    return {"UUIDConverter": uuid4(), "RowId": 4_000_000}.get(converter, "nothing-of-this-realm")


def _user(session: Session, realm: Realm) -> Any:
    return factories.make_user(session, f"u{uuid4().hex[:8]}", realm)


def _key(session: Session, realm: Realm) -> ApiKey:
    return factories.make_key(session, _user(session, realm), realm, "report")[0]


def _invitation(session: Session, realm: Realm) -> Invitation:
    return factories.make_invitation(session, realm, _user(session, realm))


def _grant(session: Session, realm: Realm) -> int:
    return factories.make_grant(session, _user(session, realm), realm, "report").id


def routes(app: Flask) -> Iterator[tuple[Rule, Mark]]:
    """Return every route with its mark, files apart."""
    for rule in app.url_map.iter_rules():
        mark = mark_of(app, rule.endpoint)
        assert mark is not None, f"{rule.endpoint} has no mark"
        if not rule.endpoint.endswith("static"):
            yield rule, mark


def url_for(app: Flask, rule: Rule, values: dict[str, object]) -> str:
    """Return the URL of a route."""
    adapter = app.url_map.bind("localhost")
    return adapter.build(rule.endpoint, values, force_external=False, method=method_of(rule))


def nothing(rule: Rule) -> dict[str, object]:
    """Return a value for each argument of a route that no row has."""
    plain = {"RowId": 4_000_000, "UUIDConverter": UUID("01941f29-7c00-7000-8000-000000000001")}
    return {name: plain.get(type(each).__name__, "x") for name, each in rule._converters.items()}  # noqa: SLF001


def method_of(rule: Rule) -> str:
    """Return one method of a route, a writing one when it has any."""
    methods = rule.methods or set()
    return next(iter(sorted(methods - SAFE)), "GET")


def sources(folder: str = "app") -> Iterator[tuple[str, str]]:
    """Return path and text of every module."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), path.read_text()


def templates() -> Iterator[tuple[str, str]]:
    """Return path and text of every template."""
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield path.relative_to(ROOT).as_posix(), path.read_text()


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return every function of a module."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def undocumented(text: str) -> list[str]:
    """Return public functions, classes and methods of public classes without a docstring."""
    tree = ast.parse(text)
    found = [] if ast.get_docstring(tree) else ["the module"]
    outer = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    inner = [
        node
        for parent in outer
        if isinstance(parent, ast.ClassDef) and not parent.name.startswith("_")
        for node in parent.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    public = [node for node in (*outer, *inner) if not node.name.startswith("_") and not _is_overload(node)]
    return found + [node.name for node in public if not ast.get_docstring(node)]


def _is_overload(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Return whether a function only states types."""
    return any(getattr(each, "id", "") == "overload" for each in node.decorator_list)


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines a function has without signature and docstring."""
    first = 1 if ast.get_docstring(function) and len(function.body) > 1 else 0
    return (function.end_lineno or 0) - function.body[first].lineno + 1
