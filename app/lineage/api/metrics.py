"""GET /api/v1/metrics: numbers of ingestion and of the background for a monitoring system."""

from flask import Response, g
from prometheus_client import CONTENT_TYPE_LATEST

from app.db import db
from app.delivery.reads import exposed
from app.lineage.metrics import exposition
from app.web.blueprints import api_blueprint
from app.web.guard import needs

bp = api_blueprint("lineage_metrics", __name__, "/api/v1/metrics")


@bp.get("")
@needs("lineage.read")
def metrics() -> Response:
    """Answer the realm's numbers in Prometheus' text format; a scraper sends a key as ``authorization``."""
    session = db.session()
    text = exposition(session, g.realm.id) + exposed.exposition(session)
    return Response(text, content_type=CONTENT_TYPE_LATEST)
