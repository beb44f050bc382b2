"""Datasets, what runs did to them, and the events that told."""

from app.lineage.models import search_words  # noqa: F401 - attaches itself to the table of SearchEntry
from app.lineage.models.column import ColumnEdge, ColumnSet
from app.lineage.models.dataset import Dataset, DatasetSchema, Schema, Storage, Symlink
from app.lineage.models.edge import Claim, Edge
from app.lineage.models.event import Import, Intake, RawEvent, Rejection
from app.lineage.models.field import FieldUse, SchemaField
from app.lineage.models.graph import ColumnSource, Expectation, GraphRule, Lateness, Retention, Touch
from app.lineage.models.operation import Interaction, Operation
from app.lineage.models.quality import Assertion, AssertionResult, Metric
from app.lineage.models.search import SearchEntry

__all__ = [
    "Assertion",
    "AssertionResult",
    "Claim",
    "ColumnEdge",
    "ColumnSet",
    "ColumnSource",
    "Dataset",
    "DatasetSchema",
    "Edge",
    "Expectation",
    "FieldUse",
    "GraphRule",
    "Import",
    "Intake",
    "Interaction",
    "Lateness",
    "Metric",
    "Operation",
    "RawEvent",
    "Rejection",
    "Retention",
    "Schema",
    "SchemaField",
    "SearchEntry",
    "Storage",
    "Symlink",
    "Touch",
]
