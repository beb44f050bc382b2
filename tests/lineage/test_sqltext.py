"""SQL text becomes interaction types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lineage.openlineage.sqltext import PRECEDENCE, first_of, statement_kind, verbs

ONE_STATEMENT = [
    ("INSERT INTO t SELECT 1", "APPEND"),
    ("COPY INTO t FROM @stage", "APPEND"),
    ("copy t from 's3://b/k'", "APPEND"),
    ("INSERT OVERWRITE TABLE t SELECT 1", "OVERWRITE"),
    ("insert /*+ hint */ overwrite into t select 1", "OVERWRITE"),
    ("INSERT OR REPLACE INTO t VALUES (1)", "OVERWRITE"),
    ("INSERT OR IGNORE INTO t VALUES (1)", "APPEND"),
    ("REPLACE INTO t VALUES (1)", "OVERWRITE"),
    ("REPLACE TABLE t AS SELECT 1", "OVERWRITE"),
    ("CREATE TABLE t (a int)", "CREATE"),
    ("create or replace table t as select * from s", "CREATE"),
    ("ALTER TABLE t ADD COLUMN a int", "ALTER"),
    ("ALTER TABLE t DROP COLUMN a", "ALTER"),
    ("ALTER TABLE t RENAME TO u", "RENAME"),
    ("alter table `rename` rename column a to b", "RENAME"),
    ('ALTER TABLE t ADD COLUMN "rename" int', "ALTER"),
    ("ALTER TABLE t ADD COLUMN a int -- rename later", "ALTER"),
    ("RENAME TABLE a TO b", "RENAME"),
    ("DROP TABLE IF EXISTS t", "DROP"),
    ("TRUNCATE TABLE t", "TRUNCATE"),
    ("UPDATE t SET a = 1", "UPDATE"),
    ("DELETE FROM t WHERE a = 1", "DELETE"),
    ("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE", "MERGE"),
    ("insert into t select 'delete from x'", "APPEND"),
    ("-- drop table x\nINSERT INTO t SELECT 1", "APPEND"),
    ("/* drop; table */ INSERT INTO t SELECT 1", "APPEND"),
    ("# drop it\nINSERT INTO t SELECT 1", "APPEND"),
    ("#standardSQL\nINSERT INTO t SELECT 1", "APPEND"),
    ("WITH a AS (DELETE FROM x RETURNING *) INSERT INTO t SELECT * FROM a", "APPEND"),
    ("WITH a AS (SELECT ')', 1), b AS (SELECT 2) INSERT OVERWRITE t SELECT 1", "OVERWRITE"),
    ("WITH copy AS (SELECT 1) UPDATE t SET a = 1", "UPDATE"),
    ("WITH a AS (SELECT 'it\\'s (', '\\\\') DELETE FROM t", "DELETE"),
    ("WITH a AS (SELECT E'x' AS e, '\\') DELETE FROM t", "DELETE"),
    ("WITH [drop] AS (SELECT [it's] FROM x) MERGE INTO t USING x ON 1=1", "MERGE"),
    ("WITH a AS (SELECT $x$ ) drop $x$) MERGE INTO t USING a ON 1=1", "MERGE"),
    ("FROM s INSERT INTO TABLE t SELECT a", "APPEND"),
    ("FROM s.delete INSERT INTO TABLE t SELECT a", "APPEND"),
    ("FROM last_update INSERT INTO TABLE t SELECT a", "APPEND"),
    ("IF EXISTS (SELECT 1) DROP TABLE t", "DROP"),
    ("BEGIN INSERT INTO t VALUES (1); END", "APPEND"),
]


@pytest.mark.parametrize(("sql", "kind"), ONE_STATEMENT)
def test_a_statement_has_the_type_of_its_first_verb(sql: str, kind: str) -> None:
    assert verbs(sql) == {kind}


@pytest.mark.parametrize(("sql", "kind"), ONE_STATEMENT)
def test_letter_case_and_a_comment_before_the_verb_do_not_matter(sql: str, kind: str) -> None:
    assert verbs(f'/* {{"app": "dbt", "it\'s": "truncate"}} */\n-- update\n{sql}\n;\n') == {kind}
    if '"' not in sql and "$" not in sql:
        assert verbs(sql.lower()) == {kind}


@pytest.mark.parametrize(
    "sql",
    [
        "",
        ";",
        "SELECT replace(a, 'b', 'c') FROM t",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "(INSERT INTO t SELECT 1)",
        "GRANT INSERT ON t TO u",
        "SHOW CREATE TABLE t",
        "EXPLAIN DELETE FROM t",
        "LOAD DATA INPATH '/x' INTO TABLE t",
        "BEGIN; COMMIT",
        "'insert into t",
        '"insert into t',
        "/* insert into t",
        "$$ insert into t",
        "inserted into t",
    ],
)
def test_text_that_writes_nothing_says_nothing(sql: str) -> None:
    assert verbs(sql) == frozenset()


def test_each_statement_counts() -> None:
    sql = "BEGIN; TRUNCATE t; insert into t select ';' -- ; drop table x\n; select 1; ALTER TABLE t RENAME TO u; COMMIT"

    assert verbs(sql) == {"TRUNCATE", "APPEND", "RENAME"}


def test_a_bracket_left_open_ends_with_its_statement() -> None:
    assert verbs("WITH a AS ((SELECT 1; DROP TABLE t") == {"DROP"}


def test_a_word_behind_another_statement_renames_nothing() -> None:
    assert verbs("ALTER TABLE t ADD a int; SELECT rename FROM t") == {"ALTER"}


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("/* x */ select 1", "SELECT"),
        ("with a as (select 1) insert into t select 1", "INSERT"),
        ("INSERT OVERWRITE t SELECT 1", "INSERT"),
        ("BEGIN", "BEGIN"),
        ("COMMIT", "COMMIT"),
        ("load data inpath 'x' into table t", "LOAD"),
        ("", None),
        ("what is this", None),
    ],
)
def test_the_kind_of_a_statement_is_its_verb(sql: str, kind: str | None) -> None:
    assert statement_kind(sql) == kind


@pytest.mark.parametrize("index", range(len(PRECEDENCE)))
def test_the_strongest_type_stands_for_the_set(index: int) -> None:
    assert first_of(PRECEDENCE[index:]) == PRECEDENCE[index]


def test_reading_shows_only_where_nothing_is_written() -> None:
    assert (first_of(["READ", "APPEND"]), first_of(["READ"]), first_of([])) == ("APPEND", "READ", "WRITE")


@given(
    st.text()
    | st.lists(st.sampled_from(["insert ", "(", ")", "'", '"', "\\", ";", "--", "\n", "/*", "$a$", "["])).map("".join)
)
def test_no_text_raises(sql: str) -> None:
    assert verbs(sql) <= set(PRECEDENCE)
    statement_kind(sql)
