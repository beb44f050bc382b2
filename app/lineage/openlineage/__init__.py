"""OpenLineage: parse, fold, store."""
