"""Every row of the namespace table by examples, and text that fits no row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.locations.grammar import locate, locate_dataset

TABLE = [
    # namespace, dataset, location type, location name, storage, label
    ("postgres://h:5432", "shop.public.orders", "postgres", "h", "shop", "public.orders"),
    ("postgresql://h:5433", "shop.public.orders", "postgres", "h:5433", "shop", "public.orders"),
    ("redshift://c.eu-west-1:5439", "d.s.t", "redshift", "c.eu-west-1", "d", "s.t"),
    ("sqlserver://h:1433", "d.s.t", "sqlserver", "h", "d", "s.t"),
    ("mssql://h", "d.s.t", "sqlserver", "h", "d", "s.t"),
    ("oracle://h:1521", "svc.s.t", "oracle", "h", "svc", "s.t"),
    ("db2://h:50000", "d.s.t", "db2", "h", "d", "s.t"),
    ("crate://h:4200", "d.s.t", "crate", "h:4200", "d", "s.t"),
    ("trino://h:8080", "c.s.t", "trino", "h", "c", "s.t"),
    ("presto://h:9999", "c.s.t", "presto", "h:9999", "c", "s.t"),
    ("unitycatalog://w", "c.s.t", "unitycatalog", "w", "c", "s.t"),
    ("vertica://h:5433", "d.s.t", "vertica", "h:5433", "d", "s.t"),
    ("mysql://h:3306", "crm.contacts", "mysql", "h", "crm", "contacts"),
    ("oceanbase://h:2881", "d.t", "oceanbase", "h", "d", "t"),
    ("teradata://h:1025", "d.t", "teradata", "h", "d", "t"),
    ("clickhouse://h:8123", "d.t", "clickhouse", "h", "d", "t"),
    ("hive://h:9083", "d.t", "hive", "h", "d", "t"),
    ("cassandra://h:9042", "k.t", "cassandra", "h", "k", "t"),
    ("milvus://h:19530", "d.t", "milvus", "h", "d", "t"),
    ("snowflake://ASDF1234.eu-central-1.aws", "DB.PUB.T", "snowflake", "asdf1234.eu-central-1.aws", "DB", "PUB.T"),
    ("bigquery", "project.ds.table", "bigquery", "default", "project", "ds.table"),
    ("bigquery", "example.com:project.ds.table", "bigquery", "default", "example.com:project", "ds.table"),
    ("spanner://project:instance", "d.s.t", "spanner", "project:instance", "d", "s.t"),
    ("s3://bucket", "a/b.csv", "s3", "default", "bucket", "a/b.csv"),
    ("s3a://bucket", "a/b.csv", "s3", "default", "bucket", "a/b.csv"),
    ("s3n://bucket", "a/b.csv", "s3", "default", "bucket", "a/b.csv"),
    ("gs://bucket", "/a", "gs", "default", "bucket", "/a"),
    ("oss://bucket", "a", "oss", "default", "bucket", "a"),
    ("cos://bucket", "a", "cos", "default", "bucket", "a"),
    ("abfss://box@acc.dfs.core.windows.net", "/p/q", "abfss", "acc.dfs.core.windows.net", "box", "/p/q"),
    ("wasbs://box@ACC.blob.core.windows.net", "/p", "wasbs", "acc.blob.core.windows.net", "box", "/p"),
    ("dbfs://workspace", "/p/q", "dbfs", "workspace", None, "/p/q"),
    ("hdfs://nn:8020", "/p/q", "hdfs", "nn:8020", None, "/p/q"),
    ("file", "/p/q", "file", "local", None, "/p/q"),
    ("file://host", "/p/q", "file", "host", None, "/p/q"),
    ("file:/srv/delta", "default.tbl", "file", "local", "/srv/delta", "default.tbl"),
    ("file:///srv/delta", "default.tbl", "file", "local", "/srv/delta", "default.tbl"),
    ("kafka://h2:9092,h1:9093", "a.topic", "kafka", "h1:9093", None, "a.topic"),
    ("pubsub", "topic:project:clicks", "pubsub", "default", "project", "clicks"),
    ("arn:aws:glue:eu-west-1:123", "table/db/t", "awsglue", "eu-west-1:123", "db", "t"),
    ("awsathena://athena.eu-west-1.amazonaws.com", "c.d.t", "awsathena", "eu-west-1", "c", "d.t"),
    ("duckdb:///srv/coffee.duckdb", "coffee.main.t", "duckdb", "local", "/srv/coffee.duckdb", "main.t"),
    ("duckdb:///srv/coffee.duckdb", "tea.main.t", "duckdb", "local", "/srv/coffee.duckdb", "tea.main.t"),
    ("sqlite:///srv/app.db", "app.t", "sqlite", "local", "/srv/app.db", "t"),
    ("azurecosmos://h/dbs/shop", "colls/orders", "azurecosmos", "h", "shop", "colls/orders"),
    ("azurecosmos://h", "dbs/shop/colls/orders", "azurecosmos", "h", "shop", "colls/orders"),
    ("azurekusto://h.kusto.windows.net", "d/t", "azurekusto", "h.kusto.windows.net", "d", "t"),
    ("fabric-warehouse://h", "d.s.t", "fabric-warehouse", "h", "d", "s.t"),
    ("filenet://h/store", "a/b", "filenet", "h", "store", "a/b"),
    ("mssharepoint://h", "a/b", "mssharepoint", "h", None, "a/b"),
    ("box://h", "a/b", "box", "h", None, "a/b"),
    ("inmemory://", "x", "inmemory", "local", None, "x"),
    ("test://Example.com:443/myDir", "D1", "test", "example.com:443", "/myDir", "D1"),
    ("http://airflow:8081", "dag.task", "http", "airflow:8081", None, "dag.task"),
    ("my-namespace", "a.b.c", "custom", "my-namespace", None, "a.b.c"),
    ("", "x", "custom", "", None, "x"),
]


@pytest.mark.parametrize("row", TABLE, ids=[f"{row[0]} {row[1]}" for row in TABLE])
def test_a_row_of_the_table(row: tuple[str, str, str, str, str | None, str]) -> None:
    namespace, name, *expected = row

    found = locate_dataset(namespace, name)

    assert [found.location.type, found.location.name, found.storage, found.label] == expected


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("postgres://h", "public.orders"),
        ("mysql://h", "orders"),
        ("mysql://h", ".orders"),
        ("bigquery", "ds.table"),
        ("snowflake://a", "PUBLIC.T"),
        ("arn:aws:glue:eu-west-1:123", "db.table"),
        ("pubsub", "clicks"),
        ("azurekusto://h", "t"),
        ("awsathena://athena.eu-west-1.amazonaws.com", "db.t"),
    ],
)
def test_a_name_with_fewer_parts_has_no_storage(namespace: str, name: str) -> None:
    found = locate_dataset(namespace, name)

    assert (found.storage, found.label) == (None, name)


def test_a_default_port_and_a_synonym_of_the_scheme_lead_to_one_location() -> None:
    places = {locate(ns)[:2] for ns in ("postgres://h:5432", "postgresql://H", "POSTGRES://h")}

    assert places == {("postgres", "h")}


def test_the_address_stays_as_reported() -> None:
    assert locate("PostgreSQL://Host:5432").addresses == ("PostgreSQL://Host:5432",)


def test_a_port_that_is_no_number_stays_in_the_name() -> None:
    assert locate("postgres://db:None")[:2] == ("postgres", "db:None")


def test_lists_of_brokers_share_the_address_of_each_broker() -> None:
    two, other = locate("kafka://H2:9092,h1"), locate("kafka://h3:9092,h2")

    assert two.addresses == ("kafka://H2:9092,h1", "kafka://h1:9092", "kafka://h2:9092")
    assert set(two.addresses) & set(other.addresses) == {"kafka://h2:9092"}


def test_one_broker_with_and_without_its_port_is_one_location() -> None:
    assert locate("kafka://h1").name == locate("kafka://h1:9092").name == "h1:9092"
    assert locate("kafka://h1:9092").addresses == ("kafka://h1:9092",)


def test_brokers_may_repeat_the_scheme_and_have_blanks() -> None:
    assert locate("kafka://b:1, kafka://a:2/").name == "a:2"


def test_user_information_is_no_part_of_a_location() -> None:
    assert locate("postgres://me:***@h:5432")[:2] == ("postgres", "h")
    assert locate("s3a://KEY:***@bucket").storage == "bucket"


def test_an_address_of_version_six_keeps_its_brackets() -> None:
    assert [locate(ns).name for ns in ("mysql://[::1]:3306", "mysql://[::1]")] == ["[::1]", "[::1]"]


@pytest.mark.parametrize(
    "text", ["C:\\x", "postgres://", "hdfs:///p", "kafka://,", "arn:aws:s3:::b", "://h", "a" * 65 + "://h"]
)
def test_text_that_fits_no_row_is_a_custom_location_by_itself(text: str) -> None:
    assert locate(text)[:4] == ("custom", text, (text,), None)


def test_a_unicode_host_is_kept() -> None:
    assert locate("postgres://Bücher.example:5432")[:2] == ("postgres", "bücher.example")


def test_equal_namespaces_give_the_same_object() -> None:
    assert locate("postgres://same:5432") is locate("postgres://same:5432")


SCHEMES = st.sampled_from([*sorted({row[0].partition(":")[0] for row in TABLE}), "x", "ARN:aws:glue", "file:"])


@given(SCHEMES, st.sampled_from(["", ":", "://", ":/"]), st.text(max_size=60), st.text(max_size=60))
def test_no_text_raises_and_nothing_outgrows_its_column(scheme: str, sep: str, rest: str, name: str) -> None:
    namespace = scheme + sep + rest
    found = locate_dataset(namespace, name)

    assert 1 <= len(found.location.type) <= 64
    assert len(found.location.name) <= max(len(namespace), len("default"))
    assert found.location.addresses[0] == namespace
    assert found.label or not name


@pytest.mark.parametrize("name", ["." * 4096, "a" * 4096, "a." * 2048, "/" * 4096, ":" * 4096])
def test_names_of_the_greatest_length_are_read(name: str) -> None:
    for row in TABLE:
        assert locate_dataset(row[0], name).label
    assert locate(f"kafka://{name}")
