"""What people had archived and is reported again: it comes back by itself."""

from sqlalchemy.orm import Session

from app.driver import bound, execute
from app.lineage.queries.archive import brought_back
from app.lineage.store.names import Entity, Names


def bring_back(session: Session, realm_id: int, names: Names) -> list[Entity]:
    """Show archived jobs and datasets of a batch in lists again and return them; a statement for each kind with some.

    Of datasets all names come back with one.
    """
    found: list[Entity] = []
    for kind, entities in (("job", names.jobs), ("dataset", names.datasets)):
        gone = [entity for entity in entities.values() if entity.columns["archived_at"] is not None]
        if gone:
            homes = {entity.columns.get("alias_for_dataset_id") or entity.id for entity in gone}
            execute(bound(session), brought_back(kind, realm_id, homes))
            found += {entity.columns.get("alias_for_dataset_id") or entity.id: entity for entity in gone}.values()
    return found
