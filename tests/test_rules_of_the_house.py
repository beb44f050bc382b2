"""The rules nobody has to remember, read from routes, models and files."""

import ast
import re

import pytest
from flask import Flask
from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from app.accounts.models import User
from app.changes.verbs import checked
from app.db import Base, ForgottenRealm, scope
from app.realms.models import Realm
from app.web.capabilities import capabilities, is_known
from tests import house
from tests.browser import OWN_ERRORS, Browser

MODELS = sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__name__)
SCOPED = [model for model in MODELS if model.realm_scoped]
SCRIPT = re.compile(r"\|\s*safe\b|<style|style=|hx-on|\son[a-z]+=|<script(?! (?:defer|type=\"module\") src)")
SOURCES, TEMPLATES = list(house.sources()), list(house.templates())


def test_every_route_names_a_capability_or_a_mark(app: Flask) -> None:
    for rule, mark in house.routes(app):
        assert mark.kind != "needs" or mark.names, rule.endpoint
        assert all(is_known(name) for name in mark.names), rule.endpoint
        assert mark.kind not in ("public", "token") or mark.reason, rule.endpoint


def test_every_route_refuses_the_signed_out(app: Flask, visitor: Browser, realm: Realm) -> None:
    for rule, mark in house.routes(app):
        if mark.kind in ("public", "token"):
            continue
        url = house.url_for(app, rule, _values(rule, realm))
        answer = visitor.open(house.method_of(rule), url)
        expected = (401, 403) if url.startswith(OWN_ERRORS) else (401,) if url.startswith("/api/") else (303,)
        assert answer.status_code in expected, f"{rule.endpoint}: {answer.status_code}"


def test_every_realm_page_is_unknown_to_a_stranger(app: Flask, visitor: Browser, realm: Realm, stranger: User) -> None:
    browser = visitor.as_(stranger)
    nothing = browser.get("/r/nosuch/changes")
    for rule, mark in house.routes(app):
        if not rule.rule.startswith("/r/<realm>") or mark.kind in ("public", "token"):
            continue
        url = house.url_for(app, rule, _values(rule, realm))
        answer = browser.open(house.method_of(rule), url)
        assert answer.status_code == 404, rule.endpoint
        assert _without_ids(answer.text) == _without_ids(nothing.text), rule.endpoint


def test_every_id_of_another_realm_is_unknown(
    app: Flask, client: Browser, session: Session, realm: Realm, other_realm: Realm
) -> None:
    for rule, mark in house.routes(app):
        if not rule.arguments - {"realm"} or not rule.rule.startswith("/r/") or mark.kind in ("public", "token"):
            continue
        if rule.endpoint in house.NO_FOREIGN_ID:
            continue
        kinds = {name: type(converter).__name__ for name, converter in rule._converters.items()}  # noqa: SLF001
        values = {n: house.foreign_id(session, other_realm, n, kinds[n]) for n in rule.arguments if n != "realm"}
        url = house.url_for(app, rule, {"realm": realm.shortname, **values})
        method = house.method_of(rule)
        answer = client.get(url) if method == "GET" else client.post(url)
        assert answer.status_code == 404, f"{rule.endpoint}: {answer.status_code}"


def test_every_capability_is_asked_for_somewhere(app: Flask) -> None:
    asked = {name for _rule, mark in house.routes(app) for name in mark.names}

    assert asked <= set(capabilities())
    assert set(capabilities()) - asked <= set(house.NOT_ASKED_YET)


# PostgreSQL is the stricter one: what it takes, SQLite takes.
@pytest.mark.parametrize("prepared", ["postgresql"], indirect=True)
def test_bad_input_is_never_our_fault(app: Flask, client: Browser, realm: Realm) -> None:
    for rule, _mark in house.routes(app):
        for bad in ("x", "0", "-1", str(2**70), "n" * 10_000, "a%00b", "%FF"):
            url = rule.rule
            for part in re.findall(r"<[^>]+>", url):
                url = url.replace(part, realm.shortname if part == "<realm>" else bad)
            if rule.arguments - {"realm"}:
                assert client.open("GET", url).status_code < 500, f"{rule.endpoint} {bad[:20]}"
        url = rule.rule.replace("<realm>", realm.shortname)
        if "<" not in url and rule.endpoint != "readyz" and "GET" in (rule.methods or ()):
            for query in ("after=x", "sort=x", "format=x", "limit=0", "q=%00", "from=99999-01-01", "from=0000-01-01"):
                assert client.open("GET", f"{url}?{query}").status_code < 500, f"{rule.endpoint} {query}"


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_a_query_without_a_realm_is_refused(session: Session, model: type[Base]) -> None:
    session.info["unscoped"] = None

    with pytest.raises(ForgottenRealm):
        session.execute(select(model))
    scope(session, 1)
    assert session.execute(select(model)).all() == []


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_indexes_of_a_tenants_table_begin_with_the_realm(model: type[Base]) -> None:
    table = Base.metadata.tables[model.__tablename__]
    found = [[column.name for column in index.columns] for index in table.indexes]
    found += [
        [column.name for column in each.columns] for each in table.constraints if isinstance(each, UniqueConstraint)
    ]
    wrong = [columns for columns in found if columns[0] != "realm_id" and not _may_lack_realm(columns)]
    assert not wrong, f"{table}: {wrong}"


def _may_lack_realm(columns: list[str]) -> bool:
    """Allow indexes that serve foreign keys, and secrets that find the realm."""
    return columns[0] in house.INDEX_WITHOUT_REALM or columns[0].endswith(("_id", "_number"))


def test_models_without_a_tenant_say_why() -> None:
    names = [model.__name__ for model in MODELS]

    assert len(names) == len(set(names))
    assert not [model.__name__ for model in MODELS if not model.realm_scoped and not model.unscoped_because]


def test_only_views_api_cli_and_worker_commit() -> None:
    committing = [path for path, text in SOURCES if ".commit()" in text and path not in house.COMMITS_BECAUSE]
    assert not [path for path in committing if not any(part in path for part in house.MAY_COMMIT)]


def test_lists_never_use_offset_and_counts_are_bounded() -> None:
    offsets = [path for path, text in SOURCES if ".offset(" in text]
    counts = [path for path, text in SOURCES if "func.count(" in text and path not in house.COUNTS_BECAUSE]

    assert not [path for path in offsets if not path.startswith(tuple(house.OFFSETS_BECAUSE))]
    assert not [path for path in counts if ".limit(" not in dict(SOURCES)[path]]


def test_reading_across_realms_says_why() -> None:
    for path, text in SOURCES:
        for call in ast.walk(ast.parse(text)):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "unscoped":
                reason = call.args[1]
                assert isinstance(reason, ast.Constant), path
                assert len(str(reason.value)) > 10, path


def test_recorded_verbs_are_of_the_list() -> None:
    for path, text in SOURCES:
        for verb in re.findall(r'record(?:_many|_update)?\(\s*session,\s*"([^"]+)"', text):
            assert checked(verb), path


def test_no_pattern_holds_what_early_releases_of_the_oldest_python_match_wrongly() -> None:
    """``(a|b)*+`` loses matches in 3.11.0 to 3.11.4, Debian's own among them; ``(?>(a|b)*)`` does not."""
    assert not [
        (path, line)
        for path, text in SOURCES
        for line in text.splitlines()
        if re.search(r"\)[*+?]\+", line) and not line.lstrip().startswith("#")
    ]


def test_files_and_functions_keep_their_size() -> None:
    long_files = [path for path, text in SOURCES if text.count("\n") > 300]
    long_functions = [
        f"{path}: {function.name}"
        for path, text in SOURCES
        for function in house.functions(ast.parse(text))
        if house.body_lines(function) > 30
    ]

    assert not long_files + long_functions


def test_public_names_have_docstrings() -> None:
    missing = [(path, names) for path, text in SOURCES if (names := house.undocumented(text))]
    assert not missing


def test_templates_keep_their_size_and_hold_no_script() -> None:
    limits = [(path, text, 40 if path.rpartition("/")[2].startswith("_") else 80) for path, text in TEMPLATES]

    assert not [path for path, text, most in limits if text.count("\n") > most and "components/" not in path]
    assert not [path for path, text in TEMPLATES if SCRIPT.search(text)]


def _values(rule: Rule, realm: Realm) -> dict[str, object]:
    given = house.nothing(rule)
    return {**given, "realm": realm.shortname} if "realm" in given else given


def _without_ids(text: str) -> str:
    text = re.sub(r'name="csrf_token" value="[^"]+"|X-CSRFToken[^}]+', "", text)
    return re.sub(r"\b[0-9a-f]{32}\b", "", text)
