"""Actions of the lineage slice: check, change, record."""
