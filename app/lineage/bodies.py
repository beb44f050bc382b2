"""Events as NDJSON: the bodies themselves, as many as the filters of a list show."""

from collections.abc import Iterator
from dataclasses import replace

from flask import Response, g, stream_with_context
from sqlalchemy import select

from app.db import db, scope
from app.lineage.arrivals import other_filters, wanted_events
from app.lineage.models import RawEvent
from app.lineage.openlineage.decode import encode
from app.lineage.queries import events as queries
from app.lineage.show import shown_body
from app.web.keyset import keyset
from app.web.listing import Listing

CHUNK = 200
MOST_CHUNKS = 500


def ndjson(listing: Listing) -> Response:
    """Stream at most 100,000 bodies, secrets masked, in the order of the list."""
    realm_id = g.realm.id
    wanted, rest = queries.events(wanted_events(listing)), other_filters(listing)

    def lines() -> Iterator[str]:
        # The answer is streamed after the request's own session has ended.
        session = db.session()
        scope(session, realm_id)
        session.info["read_only"] = True
        at = replace(listing, limit=CHUNK)
        for _ in range(MOST_CHUNKS):
            rows = keyset(wanted, at, queries.SORTS, key=RawEvent.id, rest=rest, session=session)
            ids = [row[0].id for row in rows]
            bodies = {row.id: row.body for row in session.scalars(select(RawEvent).where(RawEvent.id.in_(ids)))}
            yield "".join(encode(shown_body(bodies[each])) + "\n" for each in ids)
            if rows.next is None:
                return
            at = at.starting(rows.next)

    response = Response(stream_with_context(lines()), content_type="application/x-ndjson")
    response.headers["Content-Disposition"] = 'attachment; filename="events.ndjson"'
    return response
