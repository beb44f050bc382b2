"""Column sets of jobs as stretches of time, each content with its edges stored once."""

from typing import Any

from sqlalchemy.orm import Session

from app.bulk import insert_rows, select_in
from app.driver import bound
from app.lineage.models import ColumnEdge, ColumnSet
from app.lineage.openlineage import extract
from app.lineage.openlineage.spans import Point, Span, observe
from app.lineage.store.mentions import Columns
from app.lineage.store.names import Names
from app.lineage.store.span_rows import COLUMNS, Key, Spans, past_events


class ColumnSets:
    """Column lineage facets of a batch -> spans per output dataset and job, each with its edges stored once."""

    def __init__(self, session: Session, realm_id: int, names: Names) -> None:
        self.connection = bound(session)
        self.realm_id = realm_id
        self.names = names
        self.columns: list[Columns] = []
        self.keys: list[Key] = []
        self.spans = Spans(self.connection, realm_id, ColumnSet, COLUMNS)

    def ask(self, columns: list[Columns]) -> None:
        """Send the question that ``fold`` waits for."""
        self.columns = columns
        self.keys = [(self.names.datasets[item.dataset].id, self._job(item)) for item in columns]
        if columns:
            self.spans.ask(set(self.keys), min(item.event.us for item in columns))

    def fold(self) -> None:
        """Write the column sets and the edges of contents not seen before."""
        if not self.columns:
            return
        spans = self.spans
        spans.load()
        contents: dict[tuple[Key, bytes], Columns] = {}
        for key, item in zip(self.keys, self.columns, strict=True):
            contents[key, item.digest] = item
            fetch = self._past(key)
            observe(spans.by_key[key], Point((item.event.us, item.event.arrival), item.digest), fetch)
        self._write(spans, contents)

    def _job(self, item: Columns) -> int:
        return self.names.jobs[item.event.job].id if item.event.job is not None else 0

    def _past(self, key: Key) -> Any:
        dataset, job = key

        def fetch(span: Span) -> list[Point]:
            # Put together here because it is rarely needed: only where an event came late.
            by_id = {entity.id: name for name, entity in self.names.datasets.items()}
            job_names = {entity.id: name for name, entity in self.names.jobs.items()}
            points = []
            for event in past_events(self.connection, self.realm_id, dataset, span):
                if event.job != job_names.get(job):
                    continue
                for ref in event.datasets:
                    facet = ref.facets.get("columnLineage")
                    if ref.name == by_id[dataset] and facet and extract.column_digest(facet) == span.content:
                        points.append(Point((event.us, event.arrival), span.content))
            return points

        return fetch

    def _write(self, spans: Spans, contents: dict[tuple[Key, bytes], Columns]) -> None:
        changed = spans.changed()
        twins = self._twins({key for key, span in changed if span.holder is None})
        edges: list[dict[str, Any]] = []
        for key, span in changed:
            content = (key, span.content)
            if span.holder is None and content not in twins:
                twins[content] = span.row
                edges += [self._edge(span.row or 0, item) for item in contents[content].inputs]
            span.holder = span.holder if span.holder is not None else twins[content]
        rows = [spans.row(key, span) | {"edges_of": span.holder} for key, span in changed]
        connection = self.connection
        update = ("digest", "edges_of", "first_at", "first_event", "last_at", "last_event")
        insert_rows(connection, ColumnSet.__table__, rows, conflict=("id",), update=update)
        insert_rows(connection, ColumnEdge.__table__, edges)

    def _edge(self, set_id: int, item: extract.ColumnInput) -> dict[str, Any]:
        return {
            "realm_id": self.realm_id,
            "set_id": set_id,
            "output_column": item.output,
            "dataset_id": self.names.datasets[item.dataset].id,
            "column": item.column,
            "kinds": item.kinds,
        }

    def _twins(self, keys: set[Key]) -> dict[tuple[Key, Any], int | None]:
        found: dict[tuple[Key, Any], int | None] = {}
        datasets = {dataset for dataset, _ in keys}
        columns = (ColumnSet.dataset_id, ColumnSet.job_id, ColumnSet.digest, ColumnSet.edges_of)
        for row in select_in(self.connection, columns, self.realm_id, ColumnSet.dataset_id, datasets):
            found[(row.dataset_id, row.job_id), row.digest] = row.edges_of
        return found
