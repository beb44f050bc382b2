"""GET /api/v1/metrics: numbers of ingestion for a monitoring system."""

from flask import Response, g
from prometheus_client import CONTENT_TYPE_LATEST

from app.db import db
from app.lineage.metrics import exposition
from app.web.blueprints import api_blueprint
from app.web.guard import needs

bp = api_blueprint("lineage_metrics", __name__, "/api/v1/metrics")


@bp.get("")
@needs("lineage.read")
def metrics() -> Response:
    """Answer the realm's numbers in Prometheus' text format; a scraper sends a key as ``authorization``."""
    return Response(exposition(db.session(), g.realm.id), content_type=CONTENT_TYPE_LATEST)
