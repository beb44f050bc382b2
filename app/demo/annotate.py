"""Put in what people of the story say, through the actions behind the pages."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.demo.people import PEOPLE, Said
from app.jobs.actions.annotate import OwnerDraft, TagDraft, Target, describe, own, tag
from app.lineage.actions.expect import ExpectationDraft, expect
from app.lineage.models import Dataset

WHO = Actor("m.okafor", "session")


def annotate(session: Session) -> int:
    """Say everything; returns of how many datasets. Flushes, does not commit."""
    found = 0
    for said in PEOPLE:
        query = select(Dataset).where(Dataset.namespace == said.namespace, Dataset.name == said.name)
        dataset = session.scalar(query)
        if dataset is not None:
            _say(session, Target("dataset", (dataset.id,), dataset.name), said)
            found += 1
    return found


def _say(session: Session, target: Target, said: Said) -> None:
    if said.description:
        describe(session, target, said.description, WHO)
    for name, type_ in said.owners:
        own(session, target, OwnerDraft(name, type_), WHO)
    for key, value, column in said.tags:
        tag(session, target, TagDraft(key, value, column), WHO)
    for column, words in said.columns:
        describe(session, target, words, WHO, column=column)
    if said.by or said.min_rows:
        expect(session, target, ExpectationDraft(by=said.by, zone="Europe/Berlin", min_rows=said.min_rows), WHO)
