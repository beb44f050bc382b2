"""The API is described as it is: the document and the page name every route, and the examples look like answers."""

import json
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes import search as change_search
from app.jobs import asked as jobs_asked
from app.lineage import arrivals, ways
from app.lineage import asked as lineage_asked
from app.lineage.graph import ask as graph_ask
from app.lineage.views import columns as column_views
from app.lineage.views import datasets as dataset_views
from app.lineage.views import operations as operation_views
from app.lineage.views import schemas as schema_views
from app.realms.models import Realm
from app.web.described import UNDESCRIBED, described
from app.web.openapi import ARGUMENT, endpoints, schema
from tests import factories
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import run, table
from tests.lineage.openlineage_events import schema as shape

DOCUMENT, PAGE = "/api/v1/openapi.json", "/api/docs"


@pytest.fixture
def document(visitor: Browser) -> Any:
    """The document as a visitor without a key gets it."""
    return visitor.get(DOCUMENT).get_json()


def test_every_route_is_in_the_document_and_nothing_else(app: Flask, document: Any) -> None:
    routes = {
        (ARGUMENT.sub(r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == routes


def test_the_document_is_valid(document: Any) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_ids_of_operations_are_unique(document: Any) -> None:
    ids = [each["operationId"] for methods in document["paths"].values() for each in methods.values()]
    assert len(ids) == len(set(ids))


def test_every_endpoint_is_described(app: Flask) -> None:
    assert not [one.name for one in endpoints(app) if described(one.name) is UNDESCRIBED]


def test_an_endpoint_names_the_capability_it_needs(document: Any) -> None:
    assert document["paths"]["/api/v1/lineage/datasets"]["get"]["x-capabilities"] == ["lineage.read"]
    assert document["paths"]["/api/v1/lineage"]["post"]["x-capabilities"] == ["lineage.write"]
    assert document["paths"][DOCUMENT]["get"]["security"] == []
    assert "401" not in document["paths"][DOCUMENT]["get"]["responses"]


@pytest.mark.parametrize(
    ("endpoint", "names"),
    [
        ("api_changes.index", change_search.FILTERS),
        ("api_jobs.jobs", jobs_asked.JOB_FILTERS),
        ("api_jobs.runs", jobs_asked.RUN_FILTERS),
        ("api_explore.datasets", dataset_views.FILTERS),
        ("lineage_arrived.events", arrivals.FILTERS),
        ("api_lists.operations", operation_views.FILTERS),
        ("api_catalogue.schemas", schema_views.FILTERS),
        ("api_catalogue.columns", column_views.FILTERS),
        ("api_graph.graph", graph_ask.NAMES),
        ("api_impact.impact", (*lineage_asked.OWN, *lineage_asked.WALKED)),
        ("api_path.path", ("from", "to", "all", *ways.WALKED)),
    ],
)
def test_every_filter_is_documented(app: Flask, endpoint: str, names: tuple[str, ...]) -> None:
    assert app
    assert set(names) <= set(described(endpoint).query)


def test_examples_have_the_members_of_answers(
    app: Flask, visitor: Browser, session: Session, owner: User, realm: Realm, database: Database
) -> None:
    key = factories.make_key(session, owner, realm, "lineage.read", "report")[1]
    store = Store(session)
    Intake(database, realm).take(run("r", "j", inputs=[table("a")], outputs=[table("b", schema=shape("id"))]))
    factories.make_changes(session, realm, 1)
    dataset = f"dataset:{store.dataset('a').id}"
    urls = {
        "api_changes.index": "/api/v1/changes",
        "api_jobs.jobs": "/api/v1/jobs/jobs",
        "api_jobs.runs": "/api/v1/jobs/runs",
        "api_jobs.run": f"/api/v1/jobs/runs/{store.run('r').id}",
        "api_explore.datasets": "/api/v1/lineage/datasets",
        "api_explore.dataset": f"/api/v1/lineage/datasets/{store.dataset('a').id}",
        "api_explore.interactions": f"/api/v1/lineage/datasets/{store.dataset('b').id}/interactions",
        "api_explore.versions": f"/api/v1/lineage/datasets/{store.dataset('b').id}/schemas",
        "lineage_arrived.events": "/api/v1/lineage/events",
        **{f"api_lists.{name}": f"/api/v1/lineage/{name}" for name in ("jobs", "operations", "storages", "locations")},
        **{f"api_catalogue.{name}": f"/api/v1/lineage/{name}" for name in ("schemas", "columns")},
        "api_lists.run_io": f"/api/v1/lineage/runs/{store.run('r').id}/io",
        "api_find.search": "/api/v1/lineage/search?q=j",
        "api_graph.graph": f"/api/v1/lineage/graph?start={dataset}",
        "api_impact.impact": f"/api/v1/lineage/impact?start={dataset}",
    }
    lost = {}
    for endpoint, url in urls.items():
        answer = visitor.api("GET", url, key)
        assert answer.status_code == 200, (endpoint, answer.text)
        lost[endpoint] = _unknown(described(endpoint).answer, answer.get_json())
    assert not {endpoint: names for endpoint, names in lost.items() if names}


def _unknown(example: Any, answer: Any, at: str = "$") -> list[str]:
    """Return the members that an example has and the answer has not."""
    if isinstance(example, dict) and isinstance(answer, dict) and not at.endswith((".degree", ".owner", ".kind")):
        lost = [f"{at}.{name}" for name in example.keys() - answer.keys()]
        both = example.keys() & answer.keys() - {"facets", "events", "expectation"}
        return lost + [each for name in both for each in _unknown(example[name], answer[name], f"{at}.{name}")]
    if isinstance(example, list) and isinstance(answer, list) and example and answer:
        return _unknown(example[0], answer[0], f"{at}[]")
    return []


def test_a_schema_is_what_an_example_shows() -> None:
    assert schema({"a": 1, "b": [True], "c": None, "d": 1.5, "e": []}) == {
        "type": "object",
        "properties": {
            "a": {"type": "integer"},
            "b": {"type": "array", "items": {"type": "boolean"}},
            "c": {},
            "d": {"type": "number"},
            "e": {"type": "array", "items": {}},
        },
    }


def test_the_page_shows_every_endpoint_to_anybody(app: Flask, visitor: Browser, client: Browser) -> None:
    text = visitor.get(PAGE).get_data(as_text=True)

    for one in endpoints(app):
        assert f'id="{one.anchor}"' in text, one.path
        assert one.path in text
    assert "curl &#39;http://localhost/api/v1/lineage/datasets&#39;" in text
    assert "Authorization: Bearer $HEADWATER_KEY" in text
    assert "<code>/namespaces/{namespace}/datasets/{dataset}/versions/{version}</code>" in text
    assert "http://localhost/api/marquez" in text
    assert "Sign out" in client.get(PAGE).get_data(as_text=True)


def test_endpoints_are_found_by_words(visitor: Browser) -> None:
    text = visitor.get(f"{PAGE}?q=graph depth").get_data(as_text=True)

    assert 'id="get-lineage-graph"' in text
    assert 'id="get-changes"' not in text
    assert "Nothing matches" in visitor.get(f"{PAGE}?q=zzzz").get_data(as_text=True)
    assert "<html" not in visitor.region(f"{PAGE}?q=graph", "results").get_data(as_text=True)


def test_examples_of_commands_are_complete(app: Flask) -> None:
    render = app.jinja_env.filters["curl"]
    found = {one.name: render(one, "https://h") for one in endpoints(app)}

    assert "'https://h/api/v1/lineage/graph?start=dataset:17'" in found["api_graph.graph"]
    assert found["api_annotate.patch"].startswith("curl -X PATCH 'https://h/api/v1/lineage/datasets/17'")
    body = found["lineage_receive.receive"].partition("-d '")[2].rstrip("'")
    assert json.loads(body)["eventType"] == "COMPLETE"
    assert "{" not in found["api_annotate.suppress"].partition("-H")[0]


def test_the_menu_of_the_account_leads_there(client: Browser, realm: Realm) -> None:
    assert f'href="{PAGE}"' in client.get("/accounts/profile").get_data(as_text=True)
    assert realm


def test_whoever_is_signed_in_finds_the_way_back_to_a_realm(client: Browser, realm: Realm) -> None:
    page = client.get("/api/docs").text
    nav = page[page.index('<nav id="nav"') : page.index("</nav>", page.index('<nav id="nav"'))]

    assert f'href="/r/{realm.shortname}/"' in nav
    assert 'href="/api/docs" aria-current="page"' in nav
