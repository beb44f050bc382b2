"""The list of datasets keeps itself true, and holds nothing of who looks at it."""

from flask import Flask

from tests.browser import Browser
from tests.delivery.live import hub, watch
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import run, table


def test_a_dataset_that_is_written_shows_up_in_the_list_for_everyone_alike(
    app: Flask, client: Browser, intake: Intake
) -> None:
    intake.take(run("r1", "load", outputs=[table("shop.orders")]))
    page = client.get("/r/acme/lineage/datasets").text
    watching = watch(client, "/r/acme/lineage/datasets")
    intake.take(run("r2", "load", outputs=[table("shop.refunds")]))
    watching.wait(1)
    hub(app).send_away()

    assert "shop.refunds" in watching.messages[-1].data
    assert "csrf_token" not in watching.messages[-1].data
    assert 'id="bulk"' in page
