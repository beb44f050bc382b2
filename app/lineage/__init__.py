"""The lineage slice."""
