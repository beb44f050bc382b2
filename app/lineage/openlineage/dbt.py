"""What dbt says in facets of its own. Pure."""

from app.lineage.openlineage.parse import Facets


def is_incremental(facets: Facets) -> bool:
    """Return whether dbt's facet of a dataset or job says that the model is added to, not made anew."""
    model = facets.get("dbt_model")
    config = model.get("config") if model is not None else None
    return isinstance(config, dict) and config.get("materialized") == "incremental"
