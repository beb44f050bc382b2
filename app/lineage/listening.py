"""What lineage does when lower slices tell that something changed."""

from sqlalchemy.orm import Session

from app.jobs.signals import annotated
from app.lineage.store.find import refresh_words


@annotated.connect
def find_by_new_words(_sender: object, *, session: Session, kind: str, entity_id: int) -> None:
    """Let a thing be found by what people just said of it, and no longer by what they took back."""
    refresh_words(session, session.info["realm_id"], kind, [entity_id])
