"""Our API as an OpenAPI 3.1 document, made from the routes themselves: paths, docstrings, capabilities."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from flask import Flask
from werkzeug.routing import Rule

from app.web.described import JSON, Described, described
from app.web.guard import Mark, mark_of

ROOT: Final = "/api/v1"
METHODS: Final = ("GET", "POST", "PATCH", "PUT", "DELETE")
ARGUMENT: Final = re.compile(r"<(?:[a-z]+(?:\([^)]*\))?:)?(\w+)>")
PROBLEMS: Final = {
    401: "No key, or one that is not valid.",
    403: "The key lacks the capability; the answer names it and who can grant it.",
    404: "There is nothing of this name in the realm of the key.",
    422: "A value cannot be used; `errors` names each parameter or member.",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one route, with everything the document and the page tell of it."""

    name: str
    method: str
    path: str
    rule: Rule
    mark: Mark
    words: str
    told: Described

    @property
    def summary(self) -> str:
        """Return the first sentence of its docstring without the word most begin with."""
        text = self.words.partition("\n")[0].partition(": ")[0].partition("; ")[0].rstrip(".") + "."
        text = text.removeprefix("Answer ")
        return text[:1].upper() + text[1:]

    @property
    def anchor(self) -> str:
        """Return its name in the page."""
        return f"{self.method}-{re.sub(r'[^a-z0-9]+', '-', self.path.removeprefix(ROOT).lower()).strip('-')}".lower()

    @property
    def needs(self) -> list[str]:
        """Return the capabilities, any of which opens it; ingestion asks for its own before it reads the body."""
        return list(self.mark.names) or (["lineage.write"] if self.mark.kind == "token" else [])

    @property
    def arguments(self) -> list[tuple[str, str, str]]:
        """Return (name, type, words) of what stands in its path."""
        kinds = {name: type(each).__name__ for name, each in self.rule._converters.items()}  # noqa: SLF001
        return [
            (name, "integer" if kinds.get(name) == "RowId" else "string", self.told.path.get(name, _argument(name)))
            for name in ARGUMENT.findall(self.rule.rule)
        ]


def _argument(name: str) -> str:
    """Return words for an argument of a path: ``dataset_id`` is the number of the dataset."""
    return f"The {'id' if name == 'run_id' else 'number'} of the {name.removesuffix('_id').replace('_', ' ')}."


def endpoints(app: Flask) -> list[Endpoint]:
    """Return every endpoint of our JSON API in order of path and method."""
    found = list(_endpoints(app))
    return sorted(found, key=lambda one: (one.path, METHODS.index(one.method)))


def _endpoints(app: Flask) -> Iterator[Endpoint]:
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(f"{ROOT}/"):
            continue
        view, mark = app.view_functions[rule.endpoint], mark_of(app, rule.endpoint)
        assert mark is not None  # noqa: S101 - the application does not start without
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = ARGUMENT.sub(r"{\1}", rule.rule)
            yield Endpoint(rule.endpoint, method, path, rule, mark, _words(view), described(rule.endpoint))


def _words(view: Any) -> str:
    """Return a docstring as Markdown, without the indentation of the source."""
    lines = (view.__doc__ or "").strip().splitlines()
    return "\n".join(line.strip() for line in lines).replace("``", "`")


def document(app: Flask, version: str) -> dict[str, Any]:
    """Return the OpenAPI document; servers are left out, so it is true wherever it is served."""
    found = endpoints(app)
    paths: dict[str, dict[str, Any]] = {}
    for one in found:
        paths.setdefault(one.path, {})[one.method.lower()] = operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Headwater",
            "version": version,
            "description": "Lineage, jobs, runs and changes of a realm. The key decides the realm; lists answer "
            "`{items, next}`; errors are problem documents (RFC 9457).",
        },
        "tags": [{"name": name} for name in dict.fromkeys(one.told.group for one in found)],
        "security": [{"key": []}],
        "paths": paths,
        "components": _components(),
    }


def operation(one: Endpoint) -> dict[str, Any]:
    """Return an endpoint as OpenAPI says it."""
    told: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.told.group],
        "summary": one.summary,
        "description": one.words,
        "parameters": [
            {"name": name, "in": "path", "required": True, "description": words, "schema": {"type": kind}}
            for name, kind, words in one.arguments
        ]
        + [
            {
                "name": name,
                "in": "query",
                "required": name in one.told.required,
                "description": words,
                "schema": {"type": "string"},
            }
            for name, words in one.told.query.items()
        ],
        "responses": _responses(one),
    }
    if one.told.body is not None:
        told["requestBody"] = {"required": True, "content": {JSON: content(one.told.body)}}
    if one.needs:
        told["x-capabilities"] = one.needs
    if one.mark.kind == "public":
        told["security"] = []
    return told


def _responses(one: Endpoint) -> dict[str, Any]:
    status = one.told.status
    well: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    well["content"] = {one.told.kind: content(one.told.answer) if one.told.answer is not None else {"schema": {}}}
    codes = [] if one.mark.kind == "public" else [401, 403]
    codes += [404] if one.arguments else []
    codes += [422] if one.told.query or one.told.body is not None else []
    return {str(status): well} | {str(code): {"$ref": f"#/components/responses/{code}"} for code in codes}


def content(example: Any) -> dict[str, Any]:
    """Return a media type from an example: the example itself, and a schema of its members."""
    return {"schema": schema(example), "example": example}


def schema(example: Any) -> dict[str, Any]:
    """Return what an example shows of its type; a null may be anything."""
    if isinstance(example, dict):
        return {"type": "object", "properties": {name: schema(value) for name, value in example.items()}}
    if isinstance(example, list):
        return {"type": "array", "items": schema(example[0]) if example else {}}
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return {"type": kinds[type(example)]} if type(example) in kinds else {}


def _components() -> dict[str, Any]:
    problem = {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "code": "bad_limit",
        "detail": "Use a number from 1 to 200.",
        "errors": [{"pointer": "/limit", "code": "bad_limit", "detail": "Use a number from 1 to 200.", "value": "0"}],
        "request_id": "6f1d0c2b",
    }
    media = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}, "example": problem}}
    return {
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "An API key of the realm."}},
        "schemas": {"Problem": schema(problem)},
        "responses": {str(code): {"description": words, "content": media} for code, words in PROBLEMS.items()},
    }
