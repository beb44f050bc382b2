"""Secrets leave events and text, names and SQL stay."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lineage.openlineage.masking import MASKED, mask, mask_text, mask_uri, may_hold_secrets

PLAIN = {
    "run": {"facets": {"parent": {"job": {"namespace": "airflow://prod", "name": "dag.task"}}}},
    "outputs": [{"namespace": "postgres://h:5432", "name": "a.b.c", "facets": {"owner": "me@example.com"}}],
    "eventTime": "2024-01-01T00:00:00Z",
    "foreignKey": 5,
}


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "DB_PASSWORD",
        "fs.s3a.secret.key",
        "sslPasswd",
        "PWD",
        "passphrase",
        "auth-token",
        "credentials",
        "api_key",
        "API-KEY",
        "api.key",
        "apikey",
        "aws_access_key_id",
        "access-key",
        "accessKey",
        "private.key",
        "private_key_id",
        "tokens_total",
    ],
)
@pytest.mark.parametrize("value", ["hunter2", 5, 2.5, True])
def test_the_scalar_of_a_secret_member_is_masked(key: str, value: object) -> None:
    event = {"facets": {key: value, "other": value}}

    assert mask(event) == {"facets": {key: MASKED, "other": value}}
    assert may_hold_secrets(json.dumps(event).encode())


def test_an_object_or_a_list_under_a_secret_key_is_walked() -> None:
    event = {"tokens": {"count": 5, "api_key": "k"}, "secrets": ["a", {"pwd": "x"}], "password": None}

    assert mask(event) == {
        "tokens": {"count": 5, "api_key": MASKED},
        "secrets": ["a", {"pwd": MASKED}],
        "password": None,
    }


@pytest.mark.parametrize("label", ["name", "key"])
def test_the_value_beside_a_secret_name_is_masked(label: str) -> None:
    event = [{label: "DB_PASSWORD", "value": "x"}, {label: "HOME", "value": "/root"}]

    assert mask(event) == [{label: "DB_PASSWORD", "value": MASKED}, {label: "HOME", "value": "/root"}]


def test_a_column_called_token_keeps_name_and_type() -> None:
    fields = [{"name": "token", "type": "string"}, {"name": "secret=x", "type": "int", "description": "a secret"}]

    assert mask({"schema": {"fields": fields}}) == {"schema": {"fields": fields}}


def test_column_lineage_of_secret_columns_stays() -> None:
    inputs = [{"namespace": "n", "name": "t", "field": "password"}]
    event = {"columnLineage": {"fields": {"token": {"inputFields": inputs}}}, "assertions": [{"column": "pwd=1"}]}

    assert mask(event) is event


def test_sql_stays_as_it_is() -> None:
    event = {"sql": {"query": "select * from t where token='abc' and password = 'x'"}, "airflow": {"sql": "set pwd=1"}}

    assert mask(event) is event


def test_the_same_object_comes_back_when_nothing_is_secret() -> None:
    assert mask(PLAIN) is PLAIN


def test_the_original_is_not_changed_and_untouched_parts_are_shared() -> None:
    event = {"a": {"token": "x"}, "b": PLAIN}
    masked = mask(event)

    assert event["a"] == {"token": "x"}
    assert isinstance(masked, dict)
    assert masked["b"] is PLAIN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("password=hunter2", "password=[masked]"),
        ("user=me;Password=hunter2;ssl=true", "user=me;Password=[masked];ssl=true"),
        ("jdbc:x://h/db?user=a&password=b&c=d", "jdbc:x://h/db?user=a&password=[masked]&c=d"),
        ("--conf spark.ssl.keyPassword=abc --conf a=b", "--conf spark.ssl.keyPassword=[masked] --conf a=b"),
        ("a_token=1, b.secret=2 c=3", "a_token=[masked], b.secret=[masked] c=3"),
        ('connect(password="a b", user="u")', 'connect(password=[masked], user="u")'),
        ("password = x", "password = [masked]"),
        ("if token == other", "if token == other"),
        ("s3://b/secret/dt=2024-01-01", "s3://b/secret/dt=2024-01-01"),
        ("the token is fine", "the token is fine"),
        ('{"password": "hunter2", "n": 1}', '{"password": "[masked]", "n": 1}'),
        ('{"password": "hun\\"ter2", "n": 1}', '{"password": "[masked]", "n": 1}'),
        ("{'api_key': 'k', 'n': 1}", "{'api_key': '[masked]', 'n': 1}"),
        ('"{\\"token\\": \\"abc\\"}"', '"{\\"token\\": \\"[masked]\\"}"'),
        ('{"token": 12, "n": null}', '{"token": "[masked]", "n": null}'),
        ('{"token": {"n": 1}}', '{"token": {"n": 1}}'),
        ('[{"name": "PGPWD", "value": "x"}]', '[{"name": "PGPWD", "value": "[masked]"}]'),
        ('[{"value": "x", "key": "PGPWD"', '[{"value": "[masked]", "key": "PGPWD"'),
    ],
)
def test_pairs_inside_text_are_masked(text: str, expected: str) -> None:
    assert mask_text(text) == expected
    assert mask({"log": text}) == {"log": expected}
    assert mask_text(expected) == expected


def test_a_lone_pair_in_a_list_is_masked_to_its_end() -> None:
    assert mask(["DB_PASSWORD=a b,c;d", "x=1"]) == ["DB_PASSWORD=[masked]", "x=1"]
    assert mask(["DB_PASSWORD=a user=b"]) == ["DB_PASSWORD=[masked] user=b"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgres://u:p@h:5432/db", "postgres://u:***@h:5432/db"),
        ("postgres://u:p@ss@h", "postgres://u:***@h"),
        ("s3a://KEY:ab/cd+ef@bucket", "s3a://KEY:***@bucket"),
        ("amqp://:p@h", "amqp://:***@h"),
        ("see http://a:b@c and https://d:e@f/g", "see http://a:***@c and https://d:***@f/g"),
        ("http://a:b@c,http://d:e@f", "http://a:***@c,http://d:***@f"),
        ("abfss://box@acc.dfs.core.windows.net", "abfss://box@acc.dfs.core.windows.net"),
        ("http://h:8080/me@x", "http://h:8080/me@x"),
        ("https://u@h", "https://u@h"),
        ("https://u:@h", "https://u:@h"),
        ("mail me@example.com: hello", "mail me@example.com: hello"),
    ],
)
def test_the_password_of_a_uri_is_starred(text: str, expected: str) -> None:
    assert mask_uri(text) == expected
    assert mask({"namespace": text}) == {"namespace": expected}
    assert mask_uri(expected) == expected


def test_a_key_that_is_a_uri_loses_its_password_too() -> None:
    assert mask({"http://a:b@c": {"pwd": 1}}) == {"http://a:***@c": {"pwd": MASKED}}


@pytest.mark.parametrize("raw", [b'{"pass\\u0077ord":"x"}', b'{"a":"http:\\/\\/u:p@h"}', b'{"A":"HTTP://U:P@H"}'])
def test_escapes_hide_nothing_from_the_quick_look(raw: bytes) -> None:
    assert may_hold_secrets(raw)
    assert mask(json.loads(raw)) != json.loads(raw)


def test_escapes_hide_nothing_in_broken_json() -> None:
    assert "hunter2" not in mask_text('{"pass\\u0077ord": "hunter2", ')
    assert mask_text("http:\\/\\/u:hunter2@h") == "http:\\/\\/u:***@h"


def test_the_quick_look_lets_plain_events_pass() -> None:
    assert not may_hold_secrets(json.dumps(PLAIN).encode())


WORDS = st.sampled_from(
    [
        "password",
        "Token",
        "api.key",
        "access_key",
        "x",
        "=",
        ":",
        "://",
        "@",
        "/",
        '"',
        "'",
        "\\",
        "é",
        " ",
        "name",
        "value",
    ]
)
TEXT = st.lists(WORDS | st.characters(codec="utf-8"), max_size=8).map("".join)
VALUES = st.recursive(
    st.none() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.booleans())
def test_what_the_quick_look_lets_pass_has_nothing_to_mask(value: object, escaped: bool) -> None:
    raw = json.dumps(value, ensure_ascii=escaped).encode()

    if not may_hold_secrets(raw):
        assert mask(value) is value


@given(VALUES)
def test_masking_twice_is_masking_once(value: object) -> None:
    once = mask(value)

    assert mask(once) == once
