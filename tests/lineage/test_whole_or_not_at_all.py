"""An error after any write leaves nothing of the event behind, and the same event is welcome again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.db import Base, db
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.databases import WRITES, Database
from tests.lineage.openlineage_events import columns, facet, run, schema, symlinks, table
from tests.lineage.sending import Sender

RICH = run(
    "r",
    "daily",
    inputs=[table("shop.raw", schema=schema("id"))],
    outputs=[
        table(
            "shop.orders",
            schema=schema("id", "sum"),
            columnLineage=columns(id=[("shop.raw", "id")]),
            symlinks=symlinks("db.orders"),
            ownership=facet(owners=[{"name": "ann", "type": "MAINTAINER"}]),
            tags=facet(tags=[{"key": "pii", "value": "yes"}]),
            lineage=facet(inputs=[{"namespace": "s3://lake", "name": "other"}]),
        )
        | {"outputFacets": {"dataQualityAssertions": facet(assertions=[{"assertion": "unique", "success": False}])}}
    ],
    facets={"processing_engine": facet(name="spark", version="3.5")},
)


class Broken(Exception):  # noqa: N818 - what a test throws
    """The error that comes between two statements."""


def counts(session: Session) -> dict[str, int]:
    """Return how many rows each table has."""
    tables = [table for table in Base.metadata.sorted_tables if "realm_id" in table.c]
    return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


@contextmanager
def breaking(database: Database, after: int) -> Iterator[list[str]]:
    """Let the statement behind the ``after``-th write fail; yields the tables that were written."""
    written: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        if len(written) == after:
            raise Broken
        if found := WRITES.match(statement):
            written.append(found[1])

    with database.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", look)
    try:
        yield written
    finally:
        event.remove(engine, "before_cursor_execute", look)


def test_an_error_after_any_write_leaves_nothing(
    database: Database, visitor: Browser, session: Session, owner: User, realm: Realm
) -> None:
    sender = Sender(visitor, factories.make_key(session, owner, realm, "lineage.write")[1])
    before, broken = counts(session), 0
    while True:
        with breaking(database, broken + 1) as written:
            try:
                status = sender.post(RICH).status_code
            except Broken:
                broken += 1
            else:
                break
        assert len(written) == broken
        assert counts(session) == before, written
    assert status == 201
    assert broken > 20
    assert {"lineage_raw_event", "lineage_claim", "lineage_symlink", "changes_change"} <= set(written)
    assert sender.post(RICH).status_code == 200


@pytest.mark.parametrize("after", [3, 11])
def test_a_batch_that_breaks_is_stored_when_it_comes_again(
    database: Database, visitor: Browser, session: Session, owner: User, realm: Realm, after: int
) -> None:
    sender = Sender(visitor, factories.make_key(session, owner, realm, "lineage.write")[1])
    before = counts(session)
    with breaking(database, after), pytest.raises(Broken):
        sender.batch([RICH])
    assert counts(session) == before

    assert sender.batch([RICH])["status"] == "success"
