"""Search documents that an upgrade took away come back."""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.lineage import worker_words
from app.lineage.models import SearchEntry
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import run, schema, table


def test_missing_documents_are_written_once(
    database: Database, intake: Intake, session: Session, client: Browser
) -> None:
    intake.take(run("a", "load", outputs=[table("shop.orders", schema=schema("customer")), table("shop.items")]))
    before = set(session.scalars(select(SearchEntry.words)))
    session.execute(delete(SearchEntry).where(SearchEntry.kind != "x"))
    session.commit()
    assert "Nothing found" in client.get("/r/acme/search?q=orders").text

    assert worker_words.work(database.app) == 3
    assert worker_words.work(database.app) == 0

    assert set(session.scalars(select(SearchEntry.words))) == before
    assert "shop.orders" in client.get("/r/acme/search?q=column:custom").text
    assert session.scalar(select(func.count()).select_from(SearchEntry)) == 4
