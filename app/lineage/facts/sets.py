"""Facts of shape ``sets``: small, for comparison as sets with what an independent reader of the events finds."""

from typing import Any

from sqlalchemy.orm import Session

from app.lineage.facts.full import full
from app.lineage.facts.rows import unique


def sets(session: Session, realm_id: int) -> dict[str, Any]:
    """Return what accepted events carried, read from projected rows; placeholders and derived runs are left out."""
    known = full(session, realm_id)
    datasets = known["datasets"]
    return {
        "jobs": [[job["namespace"], job["name"]] for job in known["jobs"]],
        "datasets": [[dataset["namespace"], dataset["name"]] for dataset in datasets],
        "runs": {run["runId"]: run["state"] for run in known["runs"]},
        "parents": {run["runId"]: run["parent"][0] for run in known["runs"] if run["parent"] is not None},
        "input_edges": known["edges"]["input"],
        "output_edges": known["edges"]["output"],
        "fields": {
            f"{dataset['namespace']}\n{dataset['name']}": unique(dataset["fields"])
            for dataset in datasets
            if dataset["fields"] is not None
        },
        "symlinks": unique(
            [dataset["namespace"], dataset["name"], *link[:2]] for dataset in datasets for link in dataset["symlinks"]
        ),
        "column_edges": unique(edge[:6] for edge in known["column_lineage"]),
    }
