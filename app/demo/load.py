"""Send the story through the same ingest as everyone's events."""

import sys
from datetime import datetime
from time import monotonic

import msgspec
from flask import current_app
from sqlalchemy.orm import Session

from app.changes.actor import CLI
from app.db import utcnow
from app.demo.annotate import annotate
from app.demo.governed import govern
from app.demo.granted import give
from app.demo.handed import hand_out
from app.demo.hooked import hook
from app.demo.story import events
from app.demo.tracked import track
from app.demo.views import save_views
from app.lineage.ingest import Arrival, ingest, read
from app.lineage.store.batch import Origin

BATCH = 500


def load(session: Session, realm_id: int, *, days: int = 30, now: datetime | None = None) -> int:
    """Store the story that ends ``now``, batch by batch, each committed; returns how many events it has.

    A line on standard error says how far it is.
    """
    mask = current_app.config["SETTINGS"].mask == "store"
    told = [msgspec.json.encode(event) for event in events(now or utcnow(), days=days)]
    begun = monotonic()
    for start in range(0, len(told), BATCH):
        arrivals = [Arrival(raw, Origin("file", "demo")) for raw in told[start : start + BATCH]]
        parsed = [read(arrival, mask=mask) for arrival in arrivals]
        ingest(session, realm_id, arrivals, CLI, parsed=parsed)
        session.commit()
        _say(start + len(arrivals), len(told), monotonic() - begun)
    govern(session)
    annotate(session)
    track(session)
    give(session)
    hand_out(session)
    hook(session, realm_id)
    save_views(session)
    session.commit()
    return len(told)


def _say(done: int, total: int, seconds: float) -> None:
    end = "\n" if done == total else ""
    text = f"  {100 * done // total:3d} %  {done:,} of {total:,} events  {done / max(seconds, 0.001):,.0f} a second"
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{text}{end}")
    elif done == total:
        sys.stderr.write(text + end)
    sys.stderr.flush()
