"""Reads of the lineage slice: several queries, one value."""
